//! What an EndpointSlice means where it says nothing.

use k8s_openapi::api::discovery::v1::EndpointSlice;

use super::text;

/// Ports are TCP and have an empty name.
pub fn endpoint_slice(slice: &mut EndpointSlice) {
    for port in slice.ports.iter_mut().flatten() {
        port.name.get_or_insert_default();
        text(&mut port.protocol, "TCP");
    }
}
