//! Tells of a container's resources in its status: what it was given, and what it has.
//! <https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/>

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container as Declared, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::limits::Limits;
use super::runtime::Container;

type Amounts = BTreeMap<String, Quantity>;

/// The requests that the node has granted.
#[must_use]
pub fn allocated(declared: &Declared) -> Option<Amounts> {
    declared.resources.as_ref()?.requests.clone().filter(|r| !r.is_empty())
}

/// What a container has: what is declared, but for limits that it has not been given yet. `None` if nothing is declared.
#[must_use]
pub fn actual(declared: &Declared, container: &Container) -> Option<ResourceRequirements> {
    let mut told = declared.resources.clone().filter(|r| r.limits.is_some() || r.requests.is_some())?;
    let (has, wanted) = (container.limits, Limits::of(declared));
    let cpu = has.nano_cpus.map(|nano| format!("{}m", nano / 1_000_000));
    let memory = has.memory.map(|bytes| bytes.to_string());
    let changed = [("cpu", has.nano_cpus != wanted.nano_cpus, cpu), ("memory", has.memory != wanted.memory, memory)];
    for (name, _, amount) in changed.into_iter().filter(|(_, differs, _)| *differs) {
        match amount {
            Some(amount) => drop(told.limits.get_or_insert_default().insert(name.to_owned(), Quantity(amount))),
            None => drop(told.limits.as_mut().and_then(|l| l.remove(name))),
        }
    }
    if has.cpu_shares != wanted.cpu_shares
        && let Some(shares) = has.cpu_shares
    {
        let amount = Quantity(format!("{}m", shares * 1000 / 1024));
        told.requests.get_or_insert_default().insert("cpu".to_owned(), amount);
    }
    Some(told)
}
