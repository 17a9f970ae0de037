//! A ServiceAccount has no defaults.

use k8s_openapi::api::core::v1::ServiceAccount;

/// A ServiceAccount has no defaults.
pub fn service_account(_: &mut ServiceAccount) {}
