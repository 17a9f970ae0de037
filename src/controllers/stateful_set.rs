//! StatefulSets: pods with names, claims and an order of their own.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/>

mod claims;
mod identity;
mod scale;
mod status;
mod update;
mod wishes;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{ControllerRevision, StatefulSet};
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};

use self::wishes::Wishes;
use super::revisions::{Revisions, Source};
use super::{ownership, pod};
use crate::api::{Key, Kind, Object, Plan, Timestamp, View, labels};

/// The label of a revision with its hash. The pods' label has the revision's whole name.
const REVISION_HASH: &str = "controller.kubernetes.io/hash";

/// What one round goes by.
struct Round<'a> {
    view: &'a View,
    wishes: Wishes<'a>,
    /// The set's pods by their ordinals.
    pods: BTreeMap<i32, &'a Pod>,
    revisions: Revisions<'a>,
    /// The name of the revision that the set has come from.
    current: String,
    now: Timestamp,
}

/// The StatefulSets that a changed key concerns: itself, the owner of a pod or a revision, or those whose claim it is.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    let kind = Kind::of::<StatefulSet>();
    if changed.kind == kind {
        return vec![changed.clone()];
    }
    let all = || view.list::<StatefulSet>(&changed.namespace);
    if changed.kind == Kind::of::<PersistentVolumeClaim>() {
        return all().filter(|set| claims::is_of(set, &changed.name)).map(Object::key).collect();
    }
    let owner = view.metadata(changed).and_then(|m| m.owner_references.as_ref());
    if let Some(owner) = owner.and_then(|all| all.iter().find(|o| o.controller == Some(true))) {
        return if owner.kind == kind.kind { vec![Key::new(kind, &changed.namespace, &owner.name)] } else { vec![] };
    }
    let of_pod = changed.kind == Kind::of::<Pod>();
    all().filter(|set| !of_pod || identity::ordinal_of(set, &changed.name).is_some()).map(Object::key).collect()
}

/// What a StatefulSet needs next.
pub fn plan(view: &View, key: &Key, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let Some(set) = view.get::<StatefulSet>(&key.namespace, &key.name) else {
        return plan;
    };
    let Some(wishes) = Wishes::of(set) else { return plan };
    let is_member = |p: &Pod| {
        labels::matches(&wishes.spec.selector, p.metadata.labels.as_ref())
            && identity::ordinal_of(set, p.name()).is_some()
    };
    let pods = ownership::claim(view, set, is_member, |p| !p.is_deleting(), &mut plan);
    let pods = pods.into_iter().filter_map(|p| Some((identity::ordinal_of(set, p.name())?, p))).collect();
    let source = Source {
        selector: &wishes.spec.selector,
        template: &wishes.spec.template,
        collisions: set.status.as_ref().and_then(|s| s.collision_count).unwrap_or(0),
        label: REVISION_HASH,
    };
    let revisions = Revisions::of(view, set, &source, &mut plan);
    let current = set.status.as_ref().and_then(|s| s.current_revision.clone());
    let current = current.filter(|name| revisions.template(name).is_some());
    let current = current.unwrap_or_else(|| revisions.update.name().to_owned());
    let round = Round { view, wishes, pods, revisions, current, now };
    if !set.is_deleting() {
        let settled = scale::plan(&round, &mut plan);
        if settled && !round.wishes.on_delete {
            update::plan(&round, &mut plan);
        }
        let live = |r: &ControllerRevision| {
            r.name() == round.current || round.pods.values().any(|p| identity::revision(p) == r.name())
        };
        round.revisions.forget(round.wishes.spec.revision_history_limit.unwrap_or(10), live, &mut plan);
    }
    status::plan(&round, &mut plan);
    plan
}

impl Round<'_> {
    /// Whether a pod runs and is ready, on its way out or not.
    fn is_ready(pod: &Pod) -> bool {
        pod::phase(pod) == "Running" && pod::is_ready(pod)
    }

    /// Whether a pod has been ready for long enough, on its way out or not.
    fn is_available(&self, pod: &Pod) -> bool {
        let at = pod::available_at(pod, self.wishes.min_ready_seconds);
        Self::is_ready(pod) && at.is_some_and(|at| at <= self.now)
    }

    /// Whether a pod is there to stay and has been ready for long enough.
    fn is_healthy(&self, pod: &Pod) -> bool {
        self.is_available(pod) && !pod.is_deleting()
    }
}
