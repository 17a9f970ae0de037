//! Namespaces: each has a ServiceAccount `default`; one that is deleted is emptied before it goes.
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/>

use k8s_openapi::api::core::v1::{Namespace, NamespaceStatus, ServiceAccount};
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
pub fn plan(view: &View, key: &Key, _: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let Some(namespace) = view.get::<Namespace>("", &key.name) else {
        return plan;
    };
    if namespace.is_deleting() {
        empty(view, namespace, &mut plan);
    } else if view.get::<ServiceAccount>(&key.name, "default").is_none() {
        let metadata =
            ObjectMeta { name: Some("default".to_owned()), namespace: Some(key.name.clone()), ..ObjectMeta::default() };
        plan.create(&ServiceAccount { metadata, ..ServiceAccount::default() }, "every namespace has it");
    }
    plan
}

/// Deletes what is left in the namespace; once that is nothing, lets the namespace go.
fn empty(view: &View, namespace: &Namespace, plan: &mut Plan) {
    let mut is_empty = true;
    for kind in KINDS.iter().filter(|k| k.namespaced) {
        for key in view.keys(kind).filter(|k| k.namespace == namespace.name()) {
            is_empty = false;
            let Some(metadata) = view.metadata(&key).filter(|m| m.deletion_timestamp.is_none()) else {
                continue;
            };
            let uid = metadata.uid.clone().unwrap_or_default();
            plan.push(
                Action::Delete { key, uid, grace: None, foreground: false },
                format!("namespace {} is deleted", namespace.name()),
            );
        }
    }
    let phase = namespace.status.as_ref().and_then(|s| s.phase.as_deref());
    if is_empty && namespace.spec.as_ref().is_some_and(|s| s.finalizers.is_some()) {
        let mut finalized = namespace.clone();
        finalized.spec.get_or_insert_default().finalizers = None;
        plan.push(Action::Finalize(Kind::of::<Namespace>(), finalized.to_value()), "it is empty");
    } else if phase != Some("Terminating") {
        let status = NamespaceStatus { phase: Some("Terminating".to_owned()), ..NamespaceStatus::default() };
        plan.update_status(&Namespace { status: Some(status), ..namespace.clone() }, "");
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
        view.extend([Pod { metadata: meta("shop", "web", true), ..Pod::default() }]);
        assert_snapshot!(text(&view), @r#"
        delete ConfigMap shop/site: namespace shop is deleted
        status Namespace shop {"phase":"Terminating"}
        "#);
        assert_snapshot!(text(&View::of([shop(true)])), @"finalize Namespace shop: it is empty");
    }
}
