//! What a pod asks of its node, in thousandths of each resource's unit.
//! <https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers>

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, Pod, ResourceRequirements};

use crate::api::quantity;

/// Amounts of resources, `cpu`, `memory` and others, in thousandths.
pub type Amounts = BTreeMap<String, i128>;

/// What a pod asks for: the sum of its containers and sidecars, or what one init container needs beside the sidecars
/// before it if that is more; and its overhead.
pub fn of(pod: &Pod) -> Amounts {
    let Some(spec) = &pod.spec else {
        return Amounts::new();
    };
    let (mut sidecars, mut most) = (Amounts::new(), Amounts::new());
    for container in spec.init_containers.iter().flatten() {
        if container.restart_policy.as_deref() == Some("Always") {
            add(&mut sidecars, &asked(container));
            raise(&mut most, &sidecars);
        } else {
            let mut now = sidecars.clone();
            add(&mut now, &asked(container));
            raise(&mut most, &now);
        }
    }
    let mut total = sidecars;
    spec.containers.iter().for_each(|c| add(&mut total, &asked(c)));
    raise(&mut total, &most);
    if let Some(whole) = &spec.resources {
        // What is asked for the pod as a whole takes the place of what its containers ask for.
        total.extend(requests(whole));
    }
    add(&mut total, &amounts(spec.overhead.iter().flatten()));
    total
}

fn asked(container: &Container) -> Amounts {
    container.resources.as_ref().map(requests).unwrap_or_default()
}

/// Requests; where there is a limit only, that is the request.
fn requests(resources: &ResourceRequirements) -> Amounts {
    let mut asked = amounts(resources.limits.iter().flatten());
    asked.extend(amounts(resources.requests.iter().flatten()));
    asked
}

/// Quantities by name; validation has refused those that are none.
pub fn amounts<'a>(
    quantities: impl Iterator<Item = (&'a String, &'a k8s_openapi::apimachinery::pkg::api::resource::Quantity)>,
) -> Amounts {
    quantities.filter_map(|(name, q)| Some((name.clone(), quantity::milli(&q.0).ok()?))).collect()
}

/// Adds amounts to others.
pub fn add(to: &mut Amounts, amounts: &Amounts) {
    for (name, amount) in amounts {
        *to.entry(name.clone()).or_default() += amount;
    }
}

fn raise(to: &mut Amounts, amounts: &Amounts) {
    for (name, amount) in amounts {
        let old = to.entry(name.clone()).or_default();
        *old = (*old).max(*amount);
    }
}
