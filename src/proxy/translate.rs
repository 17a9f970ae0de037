//! Decides which endpoints each port of each service has.

use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{Service, ServicePort};
use k8s_openapi::api::discovery::v1::{Endpoint as SliceEndpoint, EndpointSlice};

use super::ir::{Endpoint, Frontend, Protocol, Rules};
use super::observe::Observed;

/// The rules for the observed services; ports without an endpoint are left out.
pub fn translate(observed: &[Observed<'_>]) -> Rules {
    let mut rules = Rules::default();
    for one in observed {
        let Some(address) = cluster_ip(one.service) else { continue };
        for port in one.service.spec.iter().flat_map(|spec| spec.ports.iter().flatten()) {
            let Some(protocol) = Protocol::named(port.protocol.as_deref()) else { continue };
            let Ok(number) = u16::try_from(port.port) else { continue };
            let endpoints = endpoints(&one.slices, port, protocol);
            if !endpoints.is_empty() {
                rules.services.insert(Frontend { address, protocol, port: number }, endpoints);
            }
        }
    }
    rules
}

/// The service's address; headless services (`None`) have none.
fn cluster_ip(service: &Service) -> Option<Ipv4Addr> {
    service.spec.as_ref()?.cluster_ip.as_deref()?.parse().ok()
}

/// The ready endpoints of one port; where none is ready, those that still serve while they terminate, so that the end
/// of a rolling update loses nothing.
/// <https://kubernetes.io/docs/concepts/services-networking/service/#traffic-to-terminating-endpoints>
fn endpoints(slices: &[&EndpointSlice], port: &ServicePort, protocol: Protocol) -> Vec<Endpoint> {
    let ready = select(slices, port, protocol, is_ready);
    if ready.is_empty() { select(slices, port, protocol, serves_to_the_end) } else { ready }
}

fn select(
    slices: &[&EndpointSlice],
    port: &ServicePort,
    protocol: Protocol,
    wanted: fn(&SliceEndpoint) -> bool,
) -> Vec<Endpoint> {
    let mut found = Vec::new();
    for slice in slices.iter().filter(|slice| slice.address_type == "IPv4") {
        let Some(number) = number(slice, port, protocol) else { continue };
        let addresses = slice.endpoints.iter().flatten().filter(|e| wanted(e)).flat_map(|e| &e.addresses);
        let parsed = addresses.filter_map(|address| address.parse().ok());
        found.extend(parsed.map(|address| Endpoint { address, port: number }));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The slice's number for a service port: ports are matched by name, and a lone port may have none.
fn number(slice: &EndpointSlice, port: &ServicePort, protocol: Protocol) -> Option<u16> {
    let name = port.name.as_deref().unwrap_or_default();
    let mut ports = slice.ports.iter().flatten();
    let matching = ports.find(|p| {
        p.name.as_deref().unwrap_or_default() == name && Protocol::named(p.protocol.as_deref()) == Some(protocol)
    });
    matching?.port.and_then(|n| u16::try_from(n).ok())
}

/// Unknown counts as ready, as the API says.
/// <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#ready>
fn is_ready(endpoint: &SliceEndpoint) -> bool {
    endpoint.conditions.as_ref().and_then(|c| c.ready).unwrap_or(true)
}

fn serves_to_the_end(endpoint: &SliceEndpoint) -> bool {
    endpoint.conditions.as_ref().is_some_and(|c| c.serving == Some(true) && c.terminating == Some(true))
}
