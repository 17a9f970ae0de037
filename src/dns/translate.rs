//! Decides which names services, endpoints and pods have.

use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{Service, ServiceSpec};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};

use super::observe::{Observed, observe};
use super::zone::{DOMAIN, Record, Zone};
use crate::api::{Object, Ranges, View};

/// The zone for what was observed, on the node of a name.
pub fn translate(observed: &Observed<'_>, node: &str, ranges: &Ranges) -> Zone {
    let mut zone = Zone::new(observed.revision, ranges.subnet);
    zone.add(node, Record::A(ranges.node));
    zone.add_address(ranges.node, node.to_owned());
    for (service, slices) in &observed.services {
        add_service(&mut zone, service, slices);
    }
    for (namespace, address) in &observed.pods {
        let name = format!("{}.{namespace}.pod.{DOMAIN}", dashed(*address));
        zone.add(&name, Record::A(*address));
        if !zone.addresses.contains_key(address) {
            zone.add_address(*address, name);
        }
    }
    zone
}

/// The zone for a view as text, as golden tests compare it.
pub fn golden(view: &View, node: &str, ranges: &Ranges) -> String {
    translate(&observe(view), node, ranges).to_string()
}

fn add_service(zone: &mut Zone, service: &Service, slices: &[&EndpointSlice]) {
    let Some(spec) = &service.spec else { return };
    let name = format!("{}.{}.svc.{DOMAIN}", service.name(), service.namespace());
    match (spec.type_.as_deref(), spec.cluster_ip.as_deref()) {
        (Some("ExternalName"), _) => {
            let target = spec.external_name.as_deref().unwrap_or_default().trim_end_matches('.');
            if !target.is_empty() {
                zone.add(&name, Record::Cname(target.to_ascii_lowercase()));
            }
        }
        (_, Some("None")) => add_headless(zone, &name, slices),
        (_, Some(address)) => {
            if let Ok(address) = address.parse() {
                add_cluster_ip(zone, name, spec, address);
            }
        }
        _ => {}
    }
}

fn add_cluster_ip(zone: &mut Zone, name: String, spec: &ServiceSpec, address: Ipv4Addr) {
    zone.add(&name, Record::A(address));
    for port in spec.ports.iter().flatten() {
        add_port(zone, &name, port.name.as_deref(), port.protocol.as_deref(), Some(port.port), &name);
    }
    zone.add_address(address, name);
}

/// A headless service has the addresses of its ready endpoints, and a name for each of them.
fn add_headless(zone: &mut Zone, name: &str, slices: &[&EndpointSlice]) {
    zone.name(name);
    for slice in slices {
        for (endpoint, address) in ready(slice) {
            let host = endpoint.hostname.clone().unwrap_or_else(|| dashed(address));
            let own = format!("{host}.{name}");
            zone.add(name, Record::A(address));
            zone.add(&own, Record::A(address));
            for port in slice.ports.iter().flatten() {
                add_port(zone, name, port.name.as_deref(), port.protocol.as_deref(), port.port, &own);
            }
            zone.add_address(address, own);
        }
    }
}

/// Unknown counts as ready, as the API says.
/// <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#ready>
fn ready(slice: &EndpointSlice) -> impl Iterator<Item = (&Endpoint, Ipv4Addr)> {
    let endpoints = slice.endpoints.iter().flatten();
    endpoints
        .filter(|e| e.conditions.as_ref().and_then(|c| c.ready).unwrap_or(true))
        .flat_map(|e| e.addresses.iter().filter_map(move |address| Some((e, address.parse().ok()?))))
}

/// Only named ports have a record.
fn add_port(
    zone: &mut Zone,
    service: &str,
    name: Option<&str>,
    protocol: Option<&str>,
    port: Option<i32>,
    target: &str,
) {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return };
    let Some(port) = port.and_then(|port| u16::try_from(port).ok()) else { return };
    let protocol = protocol.unwrap_or("TCP").to_ascii_lowercase();
    let record = Record::Srv { port, target: target.to_owned() };
    zone.add(&format!("_{name}._{protocol}.{service}"), record);
}

/// `10-1-2-3`
fn dashed(address: Ipv4Addr) -> String {
    address.to_string().replace('.', "-")
}
