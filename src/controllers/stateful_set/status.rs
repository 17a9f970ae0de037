//! A StatefulSet's status: counts, and the revisions that it comes from and goes to.

use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetStatus};
use k8s_openapi::api::core::v1::Pod;

use super::{Round, identity};
use crate::api::{Object, Plan};
use crate::controllers::replicated::some;

/// Writes the status if it is another one than stands there.
pub fn plan(round: &Round, plan: &mut Plan) {
    let set = round.wishes.set;
    let count = |test: &dyn Fn(&Pod) -> bool| {
        i32::try_from(round.pods.values().filter(|p| test(p)).count()).unwrap_or(i32::MAX)
    };
    let of = |revision: &str| count(&|p| !p.is_deleting() && identity::revision(p) == revision);
    let update = round.revisions.update.name();
    let replicas = i32::try_from(round.wishes.ordinals.len()).unwrap_or(i32::MAX);
    let (all, ready, updated) = (count(&|_| true), count(&|p| Round::is_ready(p)), of(update));
    let complete = !round.wishes.on_delete && [all, ready, updated] == [replicas; 3];
    let current = if complete { update } else { round.current.as_str() };
    let collisions = round.revisions.collisions;
    let old = set.status.clone().unwrap_or_default();
    let new = StatefulSetStatus {
        replicas: all,
        ready_replicas: some(ready),
        available_replicas: Some(count(&|p| round.is_available(p))),
        current_replicas: some(of(current)),
        updated_replicas: some(updated),
        current_revision: Some(current.to_owned()),
        update_revision: Some(update.to_owned()),
        collision_count: old.collision_count.map(|c| c.max(collisions)).or(Some(collisions)),
        observed_generation: set.metadata.generation,
        conditions: old.conditions.clone(),
    };
    if new != old {
        plan.update_status(&StatefulSet { status: Some(new), ..set.clone() }, "");
    }
}
