//! What a person would open next: the addresses of applied services and ingresses. Pure.

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::networking::v1::Ingress;

use crate::api::{Key, View};

/// The host's ports of ingress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// For HTTP.
    pub http: u16,
    /// For HTTPS.
    pub https: u16,
}

/// One line for each address: `service/hello: http://localhost:8080`.
pub fn of(view: &View, keys: &[Key], ports: Ports) -> Vec<String> {
    keys.iter()
        .flat_map(|key| {
            match key.kind.kind {
                "Service" => view.get(&key.namespace, &key.name).map(service),
                "Ingress" => view.get(&key.namespace, &key.name).map(|i| ingress(i, ports)),
                _ => None,
            }
            .unwrap_or_default()
            .into_iter()
            .map(move |url| format!("{}: {url}", super::words::name(key)))
        })
        .collect()
}

fn service(service: &Service) -> Vec<String> {
    let spec = service.spec.clone().unwrap_or_default();
    let published =
        service.status.as_ref().and_then(|s| s.load_balancer.as_ref()?.ingress.as_ref()).is_some_and(|i| !i.is_empty());
    let address = |port: &k8s_openapi::api::core::v1::ServicePort| {
        let number = match spec.type_.as_deref() {
            Some("LoadBalancer") if published => Some(port.port),
            Some("NodePort") => port.node_port,
            _ => None,
        }?;
        let scheme = if port.protocol.as_deref() == Some("UDP") { "udp" } else { "http" };
        Some(format!("{scheme}://localhost:{number}"))
    };
    spec.ports.iter().flatten().filter_map(address).collect()
}

fn ingress(ingress: &Ingress, ports: Ports) -> Vec<String> {
    let spec = ingress.spec.clone().unwrap_or_default();
    let secure: Vec<String> = spec.tls.iter().flatten().flat_map(|t| t.hosts.clone().unwrap_or_default()).collect();
    let url = |scheme: &str, host: &str, port: u16, usual: u16| {
        if port == usual { format!("{scheme}://{host}/") } else { format!("{scheme}://{host}:{port}/") }
    };
    let mut hosts: Vec<String> = spec.rules.iter().flatten().filter_map(|r| r.host.clone()).collect();
    hosts.dedup();
    let each = hosts.iter().map(|host| {
        if secure.contains(host) { url("https", host, ports.https, 443) } else { url("http", host, ports.http, 80) }
    });
    let all: Vec<String> = each.collect();
    if all.is_empty() { vec![url("http", "localhost", ports.http, 80)] } else { all }
}
