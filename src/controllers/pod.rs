//! What controllers read off a pod: whether it counts, is ready, and since when it is available.

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::{Pod, PodCondition};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use crate::api::{Object, Timestamp};

/// The pod's phase; empty before it has one.
pub fn phase(pod: &Pod) -> &str {
    pod.status.as_ref().and_then(|s| s.phase.as_deref()).unwrap_or_default()
}

/// Whether all its containers have ended for good.
pub fn is_finished(pod: &Pod) -> bool {
    matches!(phase(pod), "Succeeded" | "Failed")
}

/// Whether it counts as a replica: neither finished nor on its way out.
pub fn is_active(pod: &Pod) -> bool {
    !is_finished(pod) && !pod.is_deleting()
}

/// Since when it has been ready, if it is; the epoch where that is not told.
pub fn ready_since(pod: &Pod) -> Option<Timestamp> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let ready = |c: &&PodCondition| c.type_ == "Ready" && c.status == "True";
    let since = conditions.iter().find(ready)?.last_transition_time.as_ref();
    Some(since.map_or(Timestamp::UNIX_EPOCH, |Time(t)| *t))
}

/// Whether it is ready.
pub fn is_ready(pod: &Pod) -> bool {
    ready_since(pod).is_some()
}

/// From when on it is available: `min_ready_seconds` after it became ready.
/// <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#min-ready-seconds>
pub fn available_at(pod: &Pod, min_ready_seconds: i32) -> Option<Timestamp> {
    ready_since(pod)?.checked_add(SignedDuration::from_secs(min_ready_seconds.into())).ok()
}
