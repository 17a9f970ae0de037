//! Which less important pods make room for one that does not fit.
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#preemption>

use std::cmp::Reverse;
use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Pod;

use super::fit::Room;
use crate::api::{Object, Timestamp};

/// The priority of a pod.
pub fn priority(pod: &Pod) -> i32 {
    pod.spec.as_ref().and_then(|s| s.priority).unwrap_or(0)
}

/// The pods to end so that the pod fits, as few and as unimportant as can be; none of them if those that are on their
/// way out (`leaving`, by their uids, among them) make room enough. `None` if that would not help.
pub fn victims<'a>(room: &Room<'a>, pod: &Pod, leaving: &BTreeSet<String>) -> Option<Vec<&'a Pod>> {
    if pod.spec.as_ref().and_then(|s| s.preemption_policy.as_deref()) == Some("Never") {
        return None;
    }
    let mut less: Vec<&Pod> = room.residents.iter().copied().filter(|r| priority(r) < priority(pod)).collect();
    // Those that are only promised a place have none to give.
    less.retain(|r| r.spec.as_ref().is_some_and(|s| s.node_name.is_some()));
    if less.is_empty() {
        return None;
    }
    let mut left = room.clone();
    for resident in &less {
        left.give(resident);
    }
    if !left.refusals(pod).is_empty() {
        return None;
    }
    less.retain(|r| !r.is_deleting() && !leaving.contains(r.uid()));
    // The more important ones, and of those that are equal the older, are the first to be spared.
    less.sort_by_key(|r| (Reverse(priority(r)), since(r), r.key()));
    let mut chosen = Vec::new();
    for resident in less {
        left.take(resident);
        if !left.refusals(pod).is_empty() {
            left.give(resident);
            chosen.push(resident);
        }
    }
    Some(chosen)
}

fn since(pod: &Pod) -> Option<Timestamp> {
    let started = pod.status.as_ref().and_then(|s| s.start_time.as_ref());
    started.or(pod.metadata.creation_timestamp.as_ref()).map(|t| t.0)
}
