//! A Node has no defaults.

use k8s_openapi::api::core::v1::Node;

/// A Node has no defaults.
pub fn node(_: &mut Node) {}
