//! What Endpoints mean where they say nothing.

use k8s_openapi::api::core::v1::Endpoints;

use super::text;

/// Ports are TCP.
pub fn endpoints(endpoints: &mut Endpoints) {
    for subset in endpoints.subsets.iter_mut().flatten() {
        for port in subset.ports.iter_mut().flatten() {
            text(&mut port.protocol, "TCP");
        }
    }
}
