//! The variables that tell of services, in Kubernetes' own and in Docker's link style.

use k8s_openapi::api::core::v1::Service;

use crate::api::{Object, View};

/// The variables for the services of a namespace; those of `kubernetes` in `default` are always among them.
/// <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>
pub fn services(view: &View, namespace: &str, links: bool) -> Vec<(String, String)> {
    let master = view.get::<Service>("default", "kubernetes");
    let linked = links.then(|| view.list::<Service>(namespace)).into_iter().flatten();
    master.into_iter().chain(linked).flat_map(variables).collect()
}

fn variables(service: &Service) -> Vec<(String, String)> {
    let Some(spec) = &service.spec else { return Vec::new() };
    let address = spec.cluster_ip.as_deref().unwrap_or_default();
    let ports = spec.ports.as_deref().unwrap_or_default();
    if address.is_empty() || address == "None" || ports.is_empty() {
        return Vec::new();
    }
    let name = shout(service.name());
    let mut env = vec![
        (format!("{name}_SERVICE_HOST"), address.to_owned()),
        (format!("{name}_SERVICE_PORT"), ports[0].port.to_string()),
    ];
    for port in ports {
        if let Some(port_name) = port.name.as_deref().filter(|n| !n.is_empty()) {
            env.push((format!("{name}_SERVICE_PORT_{}", shout(port_name)), port.port.to_string()));
        }
    }
    for (i, port) in ports.iter().enumerate() {
        let protocol = port.protocol.as_deref().unwrap_or("TCP");
        let (lower, number) = (protocol.to_lowercase(), port.port);
        let url = format!("{lower}://{address}:{number}");
        let prefix = format!("{name}_PORT_{number}_{}", protocol.to_uppercase());
        if i == 0 {
            env.push((format!("{name}_PORT"), url.clone()));
        }
        env.push((format!("{prefix}_PROTO"), lower));
        env.push((format!("{prefix}_PORT"), number.to_string()));
        env.push((format!("{prefix}_ADDR"), address.to_owned()));
        env.push((prefix, url));
    }
    env
}

fn shout(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}
