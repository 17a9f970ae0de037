//! Deployments: one ReplicaSet for each template that was ever asked for, and the way from the old ones to the new.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/>

mod proportion;
mod rolling;
mod sets;
mod status;
mod strategy;
#[cfg(test)]
mod tests;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::Pod;

use self::sets::Sets;
use self::status::Progress;
use self::strategy::Bounds;
use super::pod;
use crate::api::{Key, Kind, Object, Plan, Timestamp, View};

/// The Deployments that a changed key concerns: itself, or those that may own the ReplicaSet or wait for the pod's end.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    let kind = Kind::of::<Deployment>();
    if changed.kind == kind {
        return vec![changed.clone()];
    }
    let set = view.get::<ReplicaSet>(&changed.namespace, &changed.name);
    let owner = set.filter(|_| changed.kind == Kind::of::<ReplicaSet>()).and_then(Object::controller);
    if let Some(owner) = owner {
        return if owner.kind == kind.kind { vec![Key::new(kind, &changed.namespace, &owner.name)] } else { vec![] };
    }
    let of_pod = changed.kind == Kind::of::<Pod>();
    let all = view.list::<Deployment>(&changed.namespace);
    all.filter(|d| !of_pod || strategy::is_recreate(d)).map(Object::key).collect()
}

/// What a Deployment needs next.
pub fn plan(view: &View, key: &Key, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let Some(deployment) = view.get::<Deployment>(&key.namespace, &key.name) else {
        return plan;
    };
    let mut sets = Sets::of(view, deployment, &mut plan);
    if deployment.is_deleting() {
        status::plan(deployment, &sets, Progress::Seen, now, &mut plan);
        return plan;
    }
    let bounds = Bounds::of(deployment);
    let progress = if strategy::is_paused(deployment) {
        proportion::scale(&mut sets, bounds);
        Progress::Paused
    } else if sets.is_resized(bounds.replicas) {
        proportion::scale(&mut sets, bounds);
        Progress::Seen
    } else {
        let may_create = !strategy::is_recreate(deployment) || !is_occupied(view, &sets);
        if sets.needs_revision(deployment, may_create, &mut plan) {
            return plan;
        }
        roll_out(deployment, &mut sets, bounds, may_create)
    };
    sets.write(deployment, bounds, &mut plan);
    if strategy::is_paused(deployment) || status::is_complete(deployment, &sets) {
        sets.forget_history(deployment, &mut plan);
    }
    status::plan(deployment, &sets, progress, now, &mut plan);
    plan
}

/// One step from the old sets to the new one.
fn roll_out(deployment: &Deployment, sets: &mut Sets, bounds: Bounds, may_create: bool) -> Progress {
    if !strategy::is_recreate(deployment) {
        let created = sets.new.is_none();
        let size = rolling::new_size(sets, bounds);
        if sets.grow_new(deployment, size) || created {
            return if created { Progress::Created } else { Progress::Seen };
        }
        rolling::shrink_old(sets, bounds);
        return Progress::Seen;
    }
    sets.old.iter_mut().for_each(|old| old.size = 0);
    if !may_create {
        return Progress::Seen;
    }
    let created = sets.new.is_none();
    sets.grow_new(deployment, bounds.replicas);
    if created { Progress::Created } else { Progress::Seen }
}

/// Whether pods of old sets are still there, or about to be: a Deployment that recreates waits for their end.
fn is_occupied(view: &View, sets: &Sets) -> bool {
    let old = |uid: &str| sets.old.iter().any(|o| o.set.uid() == uid);
    let mut pods = view.list::<Pod>(&sets.namespace);
    sets.old.iter().any(|o| o.size > 0)
        || pods.any(|p| !pod::is_finished(p) && p.controller().is_some_and(|c| old(&c.uid)))
}
