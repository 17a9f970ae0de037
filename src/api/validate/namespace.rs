//! What Kubernetes refuses in a Namespace.

use k8s_openapi::api::core::v1::Namespace;

use super::{meta, name};
use crate::api::Problem;

/// The problems of a namespace.
pub fn namespace(namespace: &Namespace, _: Option<&Namespace>) -> Vec<Problem> {
    meta::meta(&namespace.metadata, name::label)
}
