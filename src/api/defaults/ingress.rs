//! An Ingress has no defaults: even `pathType` must be written.

use k8s_openapi::api::networking::v1::Ingress;

/// An Ingress has no defaults: even `pathType` must be written.
pub fn ingress(_: &mut Ingress) {}
