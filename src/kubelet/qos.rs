//! What a pod's quality of service and its requests mean for the engine. <https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/>

use k8s_openapi::api::core::v1::{Container, Pod};

use crate::api::qos::{amounts, positive};

pub use crate::api::qos::class;

/// A container's request of a resource in thousandths, its limit where only that is set.
#[must_use]
pub fn request(container: &Container, name: &str) -> Option<i128> {
    let [requests, limits] = amounts(container);
    positive(&requests, name).or_else(|| positive(&limits, name))
}

/// A container's limit of a resource in thousandths.
#[must_use]
pub fn limit(container: &Container, name: &str) -> Option<i128> {
    positive(&amounts(container)[1], name)
}

/// The inclination to be ended when memory is short. `memory` is the machine's, in bytes.
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#node-out-of-memory-behavior>
#[must_use]
pub fn oom_score(pod: &Pod, container: &Container, memory: i64) -> i64 {
    match class(pod) {
        // Kubernetes has -997. An engine without CAP_SYS_RESOURCE (rootless, or in a container or VM) can't start a
        // container below its own score, and 0 keeps the order: guaranteed last.
        "Guaranteed" => 0,
        "BestEffort" => 1000,
        _ => {
            let share = request(container, "memory").unwrap_or_default() / i128::from(memory.max(1));
            i64::try_from(1000 - share).unwrap_or_default().clamp(3, 999)
        }
    }
}
