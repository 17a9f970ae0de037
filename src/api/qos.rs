//! A pod's quality of service. <https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/>

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, Pod};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::quantity;

/// Amounts of resources by their names.
pub type Amounts = BTreeMap<String, Quantity>;

/// `Guaranteed`, `Burstable` or `BestEffort`.
#[must_use]
pub fn class(pod: &Pod) -> &'static str {
    let spec = pod.spec.as_ref();
    let all = || spec.into_iter().flat_map(|s| s.init_containers.iter().flatten().chain(&s.containers));
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

/// The requests and the limits of a container.
#[must_use]
pub fn amounts(container: &Container) -> [Amounts; 2] {
    let resources = container.resources.clone().unwrap_or_default();
    [resources.requests.unwrap_or_default(), resources.limits.unwrap_or_default()]
}

/// An amount in thousandths, if there is any.
#[must_use]
pub fn positive(amounts: &Amounts, name: &str) -> Option<i128> {
    amounts.get(name).and_then(|q| quantity::milli(&q.0).ok()).filter(|n| *n > 0)
}
