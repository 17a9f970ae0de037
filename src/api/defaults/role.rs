//! A Role has no defaults.

use k8s_openapi::api::rbac::v1::Role;

/// A Role has no defaults.
pub fn role(_: &mut Role) {}
