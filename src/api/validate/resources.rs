//! What Kubernetes refuses in requests and limits.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::field::{invalid, named};
use super::name;
use crate::api::{Problem, quantity};

const SYNTAX: &str = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/// Requests and limits of the container at `path`.
pub fn resources(path: &str, resources: Option<&ResourceRequirements>) -> Vec<Problem> {
    let Some(resources) = resources else { return Vec::new() };
    let mut problems = amounts(&format!("{path}.limits"), resources.limits.as_ref());
    problems.extend(amounts(&format!("{path}.requests"), resources.requests.as_ref()));
    for (resource, request) in resources.requests.iter().flatten() {
        let Some(limit) = resources.limits.as_ref().and_then(|l| l.get(resource)) else { continue };
        let (Ok(asked), Ok(most)) = (quantity::milli(&request.0), quantity::milli(&limit.0)) else { continue };
        if asked > most {
            let message = format!("must be less than or equal to {resource} limit of {}", limit.0);
            problems.push(invalid(format!("{path}.requests"), &request.0, &message));
        }
    }
    problems
}

/// A map of resources: known names, quantities that are not negative.
pub fn amounts(path: &str, amounts: Option<&BTreeMap<String, Quantity>>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (resource, amount) in amounts.into_iter().flatten() {
        let standard = ["cpu", "memory", "ephemeral-storage"].contains(&resource.as_str());
        if !standard && !resource.starts_with("hugepages-") {
            problems.extend(named(path, resource, name::qualified));
            if !resource.contains('/') {
                problems.push(invalid(path, resource, "must be a standard resource for containers"));
            }
        }
        problems.extend(amount_of(&format!("{path}[{resource}]"), amount));
    }
    problems
}

/// A quantity that is none, or negative.
pub fn amount_of(path: &str, amount: &Quantity) -> Option<Problem> {
    match quantity::milli(&amount.0) {
        Err(_) => Some(invalid(path, &amount.0, SYNTAX)),
        Ok(milli) if milli < 0 => Some(invalid(path, &amount.0, "must be greater than or equal to 0")),
        Ok(_) => None,
    }
}
