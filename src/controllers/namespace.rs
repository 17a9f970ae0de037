//! Namespaces: each has a ServiceAccount `default`; one that is deleted is emptied before it goes.
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/>

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Namespace, NamespaceCondition, NamespaceStatus, ServiceAccount};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::{Action, KINDS, Key, Kind, Object, Plan, Timestamp, View};

/// The namespace that changed, or that the changed object is in if that one is being emptied or lost its account.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    let kind = Kind::of::<Namespace>();
    if changed.kind == kind {
        return vec![changed.clone()];
    }
    let deleting = view.get::<Namespace>("", &changed.namespace).is_some_and(Object::is_deleting);
    let account = changed.kind == Kind::of::<ServiceAccount>();
    if deleting || account { vec![Key::new(kind, "", &changed.namespace)] } else { vec![] }
}

/// What a namespace needs next.
pub fn plan(view: &View, key: &Key, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let Some(namespace) = view.get::<Namespace>("", &key.name) else {
        return plan;
    };
    if namespace.is_deleting() {
        empty(view, namespace, now, &mut plan);
    } else if view.get::<ServiceAccount>(&key.name, "default").is_none() {
        let metadata =
            ObjectMeta { name: Some("default".to_owned()), namespace: Some(key.name.clone()), ..ObjectMeta::default() };
        plan.create(&ServiceAccount { metadata, ..ServiceAccount::default() }, "every namespace has it");
    }
    plan
}

/// Deletes what is left in the namespace, and tells what that is; once it is nothing, lets the namespace go.
fn empty(view: &View, namespace: &Namespace, now: Timestamp, plan: &mut Plan) {
    let mut left: Vec<(Key, &ObjectMeta)> = Vec::new();
    for kind in KINDS.iter().filter(|k| k.namespaced) {
        let keys = view.keys(kind).filter(|k| k.namespace == namespace.name());
        left.extend(keys.filter_map(|key| view.metadata(&key).map(|m| (key, m))));
    }
    for (key, metadata) in left.iter().filter(|(_, m)| m.deletion_timestamp.is_none()) {
        let uid = metadata.uid.clone().unwrap_or_default();
        plan.push(
            Action::Delete { key: key.clone(), uid, grace: None, foreground: false },
            format!("namespace {} is deleted", namespace.name()),
        );
    }
    if left.is_empty() && namespace.spec.as_ref().is_some_and(|s| s.finalizers.is_some()) {
        let mut finalized = namespace.clone();
        finalized.spec.get_or_insert_default().finalizers = None;
        plan.push(Action::Finalize(Kind::of::<Namespace>(), finalized.to_value()), "it is empty");
        return;
    }
    let mut status = namespace.status.clone().unwrap_or_default();
    status.phase = Some("Terminating".to_owned());
    conditions(&mut status, &left, now);
    if namespace.status.as_ref() != Some(&status) {
        plan.update_status(&Namespace { status: Some(status), ..namespace.clone() }, "");
    }
}

/// What is left, and what holds it, in Kubernetes' words.
/// <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/#NamespaceStatus>
fn conditions(status: &mut NamespaceStatus, left: &[(Key, &ObjectMeta)], now: Timestamp) {
    let (mut kinds, mut finalizers) = (BTreeMap::new(), BTreeMap::new());
    for (key, metadata) in left {
        *kinds.entry(format!("{}.{}", key.kind.plural, key.kind.group)).or_insert(0) += 1;
        for finalizer in metadata.finalizers.iter().flatten() {
            *finalizers.entry(finalizer.clone()).or_insert(0) += 1;
        }
    }
    let text = |counts: &BTreeMap<String, i32>, one: &str, verb: &str| {
        let all = counts.iter().map(|(what, count)| format!("{what} {verb} {count} {one}"));
        all.collect::<Vec<_>>().join(", ")
    };
    let remains = format!("Some resources are remaining: {}", text(&kinds, "resource instances", "has"));
    let held = format!(
        "Some content in the namespace has finalizers remaining: {}",
        text(&finalizers, "resource instances", "in")
    );
    let all = status.conditions.get_or_insert_default();
    for (kind, yes, reasons, messages) in [
        (
            "NamespaceContentRemaining",
            !kinds.is_empty(),
            ("SomeResourcesRemain", "ContentRemoved"),
            (remains, "All content successfully removed"),
        ),
        (
            "NamespaceFinalizersRemaining",
            !finalizers.is_empty(),
            ("SomeFinalizersRemain", "ContentHasNoFinalizers"),
            (held, "All content-preserving finalizers finished"),
        ),
    ] {
        let (reason, message) = if yes { (reasons.0, messages.0) } else { (reasons.1, messages.1.to_owned()) };
        let condition = NamespaceCondition {
            type_: kind.to_owned(),
            status: if yes { "True" } else { "False" }.to_owned(),
            reason: Some(reason.to_owned()),
            message: Some(message),
            last_transition_time: None,
        };
        crate::api::conditions::set(all, condition, now);
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use k8s_openapi::api::core::v1::{ConfigMap, NamespaceSpec, Pod};
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

    use super::*;

    fn meta(namespace: &str, name: &str, deleting: bool) -> ObjectMeta {
        ObjectMeta {
            name: Some(name.to_owned()),
            namespace: Some(namespace.to_owned()),
            uid: Some(format!("uid-{name}")),
            deletion_timestamp: deleting.then_some(Time(Timestamp::UNIX_EPOCH)),
            ..ObjectMeta::default()
        }
    }

    fn shop(deleting: bool) -> Namespace {
        let spec = NamespaceSpec { finalizers: Some(vec!["kubernetes".to_owned()]) };
        Namespace { metadata: meta("", "shop", deleting), spec: Some(spec), status: None }
    }

    fn text(view: &View) -> String {
        plan(view, &Key::new(Kind::of::<Namespace>(), "", "shop"), Timestamp::UNIX_EPOCH).to_string()
    }

    #[test]
    fn a_namespace_gets_its_account() {
        assert_snapshot!(text(&View::of([shop(false)])), @"create ServiceAccount shop/default: every namespace has it");
    }

    #[test]
    fn a_deleted_namespace_is_emptied_first() {
        let mut view = View::of([shop(true)]);
        view.extend([ConfigMap { metadata: meta("shop", "site", false), ..ConfigMap::default() }]);
        view.extend([ConfigMap { metadata: meta("other", "site", false), ..ConfigMap::default() }]);
        let mut held = Pod { metadata: meta("shop", "web", true), ..Pod::default() };
        held.metadata.finalizers = Some(vec!["example.org/hold".to_owned()]);
        view.extend([held]);
        let told = text(&view);
        assert!(
            told.starts_with("delete ConfigMap shop/site: namespace shop is deleted\nstatus Namespace shop {"),
            "{told}"
        );
        assert!(
            told.contains(
                "Some resources are remaining: configmaps. has 1 resource instances, pods. has 1 resource instances"
            ),
            "{told}"
        );
        assert!(
            told.contains(
                "Some content in the namespace has finalizers remaining: example.org/hold in 1 resource instances"
            ),
            "{told}"
        );
        assert_snapshot!(text(&View::of([shop(true)])), @"finalize Namespace shop: it is empty");
    }
}
