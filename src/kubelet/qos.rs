//! A pod's quality of service, and what it means for memory. <https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/>

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, Pod};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::policy::{app_containers, init_containers};
use crate::api::quantity;

type Amounts = BTreeMap<String, Quantity>;

/// `Guaranteed`, `Burstable` or `BestEffort`.
#[must_use]
pub fn class(pod: &Pod) -> &'static str {
    let all = || init_containers(pod).iter().chain(app_containers(pod));
    if all().all(|c| amounts(c).iter().all(|a| positive(a, "cpu").is_none() && positive(a, "memory").is_none())) {
        "BestEffort"
    } else if all().all(guaranteed) {
        "Guaranteed"
    } else {
        "Burstable"
    }
}

/// Both resources limited, and the requests the same or left out.
fn guaranteed(container: &Container) -> bool {
    let [requests, limits] = amounts(container);
    ["cpu", "memory"].iter().all(|name| {
        let limit = positive(&limits, name);
        limit.is_some() && positive(&requests, name).is_none_or(|request| Some(request) == limit)
    })
}

/// Requests and limits.
fn amounts(container: &Container) -> [Amounts; 2] {
    let resources = container.resources.clone().unwrap_or_default();
    [resources.requests.unwrap_or_default(), resources.limits.unwrap_or_default()]
}

fn positive(amounts: &Amounts, name: &str) -> Option<i128> {
    amounts.get(name).and_then(|q| quantity::milli(&q.0).ok()).filter(|n| *n > 0)
}

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
        "Guaranteed" => -997,
        "BestEffort" => 1000,
        _ => {
            let share = request(container, "memory").unwrap_or_default() / i128::from(memory.max(1));
            i64::try_from(1000 - share).unwrap_or_default().clamp(3, 999)
        }
    }
}
