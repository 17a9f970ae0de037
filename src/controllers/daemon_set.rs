//! DaemonSets: one pod on the node, if that suits it.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/>

mod place;
mod pods;
mod status;

#[cfg(test)]
mod tests;

use k8s_openapi::api::apps::v1::{ControllerRevision, DaemonSet, DaemonSetSpec};
use k8s_openapi::api::core::v1::{Node, Pod};

use super::revisions::{HASH, Revisions, Source};
use super::{ownership, pod};
use crate::api::{Key, Kind, Object, Plan, Timestamp, View, labels};

/// What one round goes by.
struct Round<'a> {
    view: &'a View,
    set: &'a DaemonSet,
    spec: &'a DaemonSetSpec,
    node: Option<&'a Node>,
    /// The set's pods that have not both ended and been deleted, oldest first.
    pods: Vec<&'a Pod>,
    /// The hash of the template as it is now.
    hash: &'a str,
    collisions: i32,
    now: Timestamp,
}

/// The DaemonSets that a changed key concerns: itself, the owner of a pod or a revision, or every one if it is the node.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    let kind = Kind::of::<DaemonSet>();
    if changed.kind == kind {
        return vec![changed.clone()];
    }
    if changed.kind == Kind::of::<Node>() {
        return view.keys(kind).collect();
    }
    let owners = view.metadata(changed).and_then(|m| m.owner_references.as_ref());
    if let Some(owner) = owners.and_then(|all| all.iter().find(|o| o.controller == Some(true))) {
        return if owner.kind == kind.kind { vec![Key::new(kind, &changed.namespace, &owner.name)] } else { vec![] };
    }
    view.list::<DaemonSet>(&changed.namespace).map(Object::key).collect()
}

/// What a DaemonSet needs next.
pub fn plan(view: &View, key: &Key, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let Some(set) = view.get::<DaemonSet>(&key.namespace, &key.name) else {
        return plan;
    };
    let Some(spec) = &set.spec else { return plan };
    let selects = |p: &Pod| labels::matches(&spec.selector, p.metadata.labels.as_ref());
    let mut pods = ownership::claim(view, set, selects, pod::is_active, &mut plan);
    pods.retain(|p| !(p.is_deleting() && pod::is_finished(p)));
    pods.sort_by_key(|p| (p.metadata.creation_timestamp.as_ref().map(|t| t.0), p.name().to_owned()));
    let source = Source {
        selector: &spec.selector,
        template: &spec.template,
        collisions: set.status.as_ref().and_then(|s| s.collision_count).unwrap_or(0),
        label: HASH,
    };
    let revisions = Revisions::of(view, set, &source, &mut plan);
    let hash = revisions.update.label(HASH).unwrap_or_default();
    let node = view.all::<Node>().next();
    let round = Round { view, set, spec, node, pods, hash, collisions: revisions.collisions, now };
    if !set.is_deleting() {
        pods::plan(&round, &mut plan);
        let live = |r: &ControllerRevision| round.pods.iter().any(|p| p.label(HASH) == r.label(HASH));
        revisions.forget(spec.revision_history_limit.unwrap_or(10), live, &mut plan);
    }
    status::plan(&round, &mut plan);
    plan
}

impl Round<'_> {
    /// Whether a pod is of the template as it is now.
    fn is_new(&self, pod: &Pod) -> bool {
        pod.label(HASH) == Some(self.hash)
    }

    /// Whether a pod has been ready for long enough.
    fn is_available(&self, pod: &Pod) -> bool {
        pod::available_at(pod, self.spec.min_ready_seconds.unwrap_or(0)).is_some_and(|at| at <= self.now)
    }

    /// Whether the node shall have a pod of the set.
    fn is_wanted(&self) -> bool {
        self.node.is_some_and(|node| place::suits(node, self.spec))
    }
}
