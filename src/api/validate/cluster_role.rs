//! What Kubernetes refuses in a ClusterRole.

use k8s_openapi::api::rbac::v1::ClusterRole;

use super::{meta, name, role};
use crate::api::Problem;

/// The problems of a cluster role.
pub fn cluster_role(cluster_role: &ClusterRole, _: Option<&ClusterRole>) -> Vec<Problem> {
    let mut problems = meta::meta(&cluster_role.metadata, name::path_segment);
    problems.extend(role::rules(cluster_role.rules.as_deref(), false));
    if let Some(aggregation) = &cluster_role.aggregation_rule
        && aggregation.cluster_role_selectors.as_ref().is_none_or(Vec::is_empty)
    {
        let message = "at least one clusterRoleSelector required if aggregationRule is non-nil";
        problems.push(Problem::required("aggregationRule.clusterRoleSelectors", message));
    }
    problems
}
