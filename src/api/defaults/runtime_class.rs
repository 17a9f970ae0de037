//! A RuntimeClass has no defaults.

use k8s_openapi::api::node::v1::RuntimeClass;

/// A RuntimeClass has no defaults.
pub fn runtime_class(_: &mut RuntimeClass) {}
