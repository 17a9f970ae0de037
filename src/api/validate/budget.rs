//! What Kubernetes refuses in a PodDisruptionBudget.

use k8s_openapi::api::policy::v1::PodDisruptionBudget;

use super::field::one_of;
use super::{amount, meta, name, selector};
use crate::api::Problem;

/// The problems of a budget.
pub fn budget(budget: &PodDisruptionBudget, _: Option<&PodDisruptionBudget>) -> Vec<Problem> {
    let mut problems = meta::meta(&budget.metadata, name::subdomain);
    let Some(spec) = &budget.spec else {
        problems.push(Problem::required("spec", ""));
        return problems;
    };
    if spec.min_available.is_some() && spec.max_unavailable.is_some() {
        problems.push(Problem::invalid("spec", "minAvailable and maxUnavailable cannot be both set"));
    }
    for (field, value) in [("minAvailable", &spec.min_available), ("maxUnavailable", &spec.max_unavailable)] {
        let path = format!("spec.{field}");
        amount::of(&path, value.as_ref(), &mut problems);
        problems.extend(amount::not_over_all(&path, value.as_ref()));
    }
    problems.extend(spec.selector.iter().flat_map(|s| selector::syntax("spec.selector", s)));
    let policies = ["AlwaysAllow", "IfHealthyBudget"];
    let policy = spec.unhealthy_pod_eviction_policy.as_deref();
    problems.extend(one_of("spec.unhealthyPodEvictionPolicy", policy, &policies));
    problems
}
