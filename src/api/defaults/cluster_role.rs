//! A ClusterRole has no defaults.

use k8s_openapi::api::rbac::v1::ClusterRole;

/// A ClusterRole has no defaults.
pub fn cluster_role(_: &mut ClusterRole) {}
