//! A DaemonSet's status: whether the node shall have its pod, has it, and how that is.

use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetStatus};

use super::Round;
use crate::api::Plan;
use crate::controllers::pod;
use crate::controllers::replicated::some;

/// Writes the status if it is another one than stands there.
pub fn plan(round: &Round, plan: &mut Plan) {
    let wanted = round.is_wanted();
    // The oldest pod stands for the node, as in Kubernetes.
    let pod = round.pods.iter().copied().find(|p| !pod::is_finished(p));
    let count = |holds: bool| i32::from(holds);
    let ready = wanted && pod.is_some_and(pod::is_ready);
    let available = ready && pod.is_some_and(|p| round.is_available(p));
    let collisions = round.collisions;
    let old = round.set.status.clone().unwrap_or_default();
    let new = DaemonSetStatus {
        desired_number_scheduled: count(wanted),
        current_number_scheduled: count(wanted && pod.is_some()),
        number_misscheduled: count(!wanted && pod.is_some()),
        number_ready: count(ready),
        number_available: some(count(available)),
        number_unavailable: some(count(wanted && !available)),
        updated_number_scheduled: some(count(wanted && pod.is_some_and(|p| round.is_new(p)))),
        collision_count: old.collision_count.map(|c| c.max(collisions)).or(some(collisions)),
        observed_generation: round.set.metadata.generation,
        conditions: old.conditions.clone(),
    };
    if new != old {
        plan.update_status(&DaemonSet { status: Some(new), ..round.set.clone() }, "");
    }
}
