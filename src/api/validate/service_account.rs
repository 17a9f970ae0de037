//! What Kubernetes refuses in a ServiceAccount.

use k8s_openapi::api::core::v1::ServiceAccount;

use super::{meta, name};
use crate::api::Problem;

/// The problems of a service account.
pub fn service_account(account: &ServiceAccount, _: Option<&ServiceAccount>) -> Vec<Problem> {
    meta::meta(&account.metadata, name::subdomain)
}
