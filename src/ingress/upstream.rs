//! The ready endpoints behind a port of a Service.

use std::net::{IpAddr, SocketAddr};

use k8s_openapi::api::core::v1::{Service, ServicePort};
use k8s_openapi::api::discovery::v1::EndpointSlice;

use super::ir::Upstream;
use crate::api::{Object, View};

/// The label that says which Service a slice is of.
const SERVICE: &str = "kubernetes.io/service-name";

/// The addresses that take requests now, in order; empty where none is ready.
///
/// # Errors
/// Why there never will be one.
pub fn endpoints(view: &View, upstream: &Upstream) -> Result<Vec<SocketAddr>, String> {
    let Upstream { namespace, service: name, port } = upstream;
    let service =
        view.get::<Service>(namespace, name).ok_or_else(|| format!("there is no Service {namespace}/{name}"))?;
    let spec = service.spec.as_ref();
    if spec.and_then(|s| s.type_.as_deref()) == Some("ExternalName") {
        return Err(format!("Service {namespace}/{name} is an external name, which has no endpoints"));
    }
    let matches = |p: &&ServicePort| p.name.as_deref() == Some(port) || p.port.to_string() == *port;
    let found = spec.and_then(|s| s.ports.iter().flatten().find(matches));
    let found = found.ok_or_else(|| format!("Service {namespace}/{name} has no port {port}"))?;
    let port_name = found.name.as_deref().unwrap_or_default();
    let mut all: Vec<_> = view
        .list::<EndpointSlice>(namespace)
        .filter(|s| s.label(SERVICE) == Some(name))
        .flat_map(|slice| ready(slice, port_name))
        .collect();
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

fn ready(slice: &EndpointSlice, port_name: &str) -> Vec<SocketAddr> {
    let mut ports = slice.ports.iter().flatten().filter(|p| p.name.as_deref().unwrap_or_default() == port_name);
    let Some(port) = ports.find_map(|p| u16::try_from(p.port?).ok()) else { return Vec::new() };
    let ready = |c: Option<bool>| c != Some(false);
    let up = slice.endpoints.iter().flatten().filter(|e| e.conditions.as_ref().is_none_or(|c| ready(c.ready)));
    let addresses = up.flat_map(|e| e.addresses.iter().filter_map(|a| a.parse::<IpAddr>().ok()));
    addresses.map(|address| SocketAddr::new(address, port)).collect()
}
