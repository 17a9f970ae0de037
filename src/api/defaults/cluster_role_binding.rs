//! What a ClusterRoleBinding means where it says nothing.

use k8s_openapi::api::rbac::v1::ClusterRoleBinding;

use super::role_binding::{role_ref, subjects};

/// As a RoleBinding.
pub fn cluster_role_binding(binding: &mut ClusterRoleBinding) {
    role_ref(&mut binding.role_ref);
    subjects(binding.subjects.as_mut());
}
