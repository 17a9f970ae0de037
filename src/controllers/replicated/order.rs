//! Which pod is deleted first when there are too many.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset>

use std::cmp::Reverse;

use k8s_openapi::api::core::v1::Pod;

use crate::api::{Object, Timestamp};
use crate::controllers::pod;

/// Sorts pods so that the one that is missed least comes first: not bound, pending, not ready, cheap to delete, ready for
/// a shorter time, restarted more often, younger. Names decide the rest.
pub fn by_dispensability(pods: &mut [&Pod]) {
    pods.sort_by_cached_key(|p| {
        let bound = p.spec.as_ref().is_some_and(|s| s.node_name.as_ref().is_some_and(|n| !n.is_empty()));
        let phase = match pod::phase(p) {
            "Running" => 2,
            "Unknown" => 1,
            _ => 0,
        };
        let ready = pod::ready_since(p);
        let ages = (Reverse(ready), Reverse(restarts(p)), Reverse(created(p)));
        (bound, phase, ready.is_some(), cost(p), ages, p.name().to_owned())
    });
}

/// <https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#pod-deletion-cost>
fn cost(pod: &Pod) -> i32 {
    pod.annotation("controller.kubernetes.io/pod-deletion-cost").and_then(|c| c.parse().ok()).unwrap_or(0)
}

/// The restarts of the container that was restarted most.
fn restarts(pod: &Pod) -> i32 {
    let statuses = pod.status.iter().flat_map(|s| s.container_statuses.iter().flatten());
    statuses.map(|c| c.restart_count).max().unwrap_or(0)
}

fn created(pod: &Pod) -> Option<Timestamp> {
    pod.metadata.creation_timestamp.as_ref().map(|t| t.0)
}
