//! What Kubernetes refuses in a PriorityClass.

use k8s_openapi::api::scheduling::v1::PriorityClass;

use super::field::one_of;
use super::{meta, name};
use crate::api::names::SYSTEM_PRIORITIES;
use crate::api::{Object, Problem};

/// The most that a class of a user may have.
const HIGHEST: i32 = 1_000_000_000;

/// The problems of a priority class.
pub fn priority_class(class: &PriorityClass, old: Option<&PriorityClass>) -> Vec<Problem> {
    let mut problems = meta::meta(&class.metadata, name::subdomain);
    let value = class.value.unwrap_or_default();
    if class.name().starts_with("system-") {
        if !SYSTEM_PRIORITIES.contains(&(class.name(), value)) {
            let message = "priority class names with 'system-' prefix are reserved for system use only. error: \
                           only system-cluster-critical and system-node-critical exist, with their own values";
            problems.push(Problem::forbidden("metadata.name", message));
        }
    } else if value > HIGHEST {
        let message = format!("maximum allowed value of a user defined priority is {HIGHEST}");
        problems.push(Problem::forbidden("value", message));
    }
    let policies = ["PreemptLowerPriority", "Never"];
    problems.extend(one_of("preemptionPolicy", class.preemption_policy.as_deref(), &policies));
    if let Some(old) = old {
        if class.value != old.value {
            problems.push(Problem::forbidden("value", "may not be changed in an update."));
        }
        if class.preemption_policy != old.preemption_policy {
            problems.push(Problem::forbidden("preemptionPolicy", "may not be changed in an update."));
        }
    }
    problems
}
