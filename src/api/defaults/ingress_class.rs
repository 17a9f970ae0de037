//! What an IngressClass means where it says nothing.

use k8s_openapi::api::networking::v1::IngressClass;

use super::text;

/// Parameters are an object of the cluster.
pub fn ingress_class(class: &mut IngressClass) {
    if let Some(parameters) = class.spec.as_mut().and_then(|s| s.parameters.as_mut()) {
        text(&mut parameters.scope, "Cluster");
    }
}
