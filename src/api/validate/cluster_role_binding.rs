//! What Kubernetes refuses in a ClusterRoleBinding.

use k8s_openapi::api::rbac::v1::ClusterRoleBinding;

use super::{meta, name, role_binding};
use crate::api::Problem;

/// The problems of a binding.
pub fn cluster_role_binding(binding: &ClusterRoleBinding, old: Option<&ClusterRoleBinding>) -> Vec<Problem> {
    let mut problems = meta::meta(&binding.metadata, name::path_segment);
    problems.extend(role_binding::role_ref(&binding.role_ref, old.map(|o| &o.role_ref), &["ClusterRole"]));
    problems.extend(role_binding::subjects(binding.subjects.as_deref(), false));
    problems
}
