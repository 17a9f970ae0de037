//! What a Service means where it says nothing.

use k8s_openapi::api::core::v1::{ClientIPConfig, Service, ServicePort, ServiceSpec, SessionAffinityConfig};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::text;

/// The seconds that a client keeps its endpoint.
const AFFINITY_SECONDS: i32 = 10_800;

/// A cluster address, TCP, the target port equal to the port. Addresses and node ports are given elsewhere.
pub fn service(service: &mut Service) {
    let Some(spec) = &mut service.spec else { return };
    text(&mut spec.type_, "ClusterIP");
    text(&mut spec.session_affinity, "None");
    spec.ports.iter_mut().flatten().for_each(port);
    if spec.session_affinity.as_deref() == Some("ClientIP") {
        let config = spec.session_affinity_config.get_or_insert_with(SessionAffinityConfig::default);
        let client = config.client_ip.get_or_insert_with(ClientIPConfig::default);
        client.timeout_seconds.get_or_insert(AFFINITY_SECONDS);
    }
    let kind = spec.type_.clone().unwrap_or_default();
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer") {
        text(&mut spec.external_traffic_policy, "Cluster");
    }
    if kind == "LoadBalancer" {
        spec.allocate_load_balancer_node_ports.get_or_insert(true);
    }
    if kind != "ExternalName" {
        inside(spec);
    }
}

/// What a Service with an address of its own has.
fn inside(spec: &mut ServiceSpec) {
    text(&mut spec.internal_traffic_policy, "Cluster");
    text(&mut spec.ip_family_policy, "SingleStack");
    spec.ip_families.get_or_insert_with(|| vec!["IPv4".to_owned()]);
    if let Some(address) = spec.cluster_ip.clone().filter(|a| !a.is_empty()) {
        spec.cluster_ips = Some(vec![address]);
    }
}

fn port(port: &mut ServicePort) {
    text(&mut port.protocol, "TCP");
    let unset = match &port.target_port {
        None | Some(IntOrString::Int(0)) => true,
        Some(IntOrString::String(name)) => name.is_empty(),
        Some(IntOrString::Int(_)) => false,
    };
    if unset {
        port.target_port = Some(IntOrString::Int(port.port));
    }
}
