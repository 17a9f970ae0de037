//! What a PodDisruptionBudget means where it says nothing.

use k8s_openapi::api::policy::v1::PodDisruptionBudget;

use super::text;

/// Pods that are not healthy may go only while enough others are.
pub fn budget(budget: &mut PodDisruptionBudget) {
    let Some(spec) = &mut budget.spec else { return };
    if spec.max_unavailable.is_none() && spec.min_available.is_none() {
        spec.min_available = Some(k8s_openapi::apimachinery::pkg::util::intstr::IntOrString::Int(1));
    }
    text(&mut spec.unhealthy_pod_eviction_policy, "IfHealthyBudget");
}
