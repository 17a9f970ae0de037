//! A ConfigMap has no defaults.

use k8s_openapi::api::core::v1::ConfigMap;

/// A ConfigMap has no defaults.
pub fn config_map(_: &mut ConfigMap) {}
