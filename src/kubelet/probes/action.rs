//! Translates a probe of the manifest to what is asked of whom.

use k8s_openapi::api::core::v1::{Container, HTTPGetAction, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::get::{Get, Scheme};

/// What a probe does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Asks a web server.
    Http(Get),
    /// Opens a connection.
    Tcp { host: String, port: u16 },
    /// Asks a gRPC server's health service about one of its services; an empty name is the server as a whole.
    Grpc { host: String, port: u16, service: String },
    /// Runs a program in the container.
    Exec(Vec<String>),
}

impl Action {
    /// What the probe of a container does, or why it can't be done, in words.
    pub fn of(probe: &Probe, container: &Container, pod_ip: &str) -> Result<Self, String> {
        if let Some(exec) = &probe.exec {
            return Ok(Self::Exec(exec.command.clone().unwrap_or_default()));
        }
        if let Some(get) = &probe.http_get {
            return http(get, container, pod_ip, "kube-probe/1.36").map(Self::Http);
        }
        if let Some(tcp) = &probe.tcp_socket {
            let port = port(&tcp.port, container)?;
            return Ok(Self::Tcp { host: host(tcp.host.as_deref(), pod_ip), port });
        }
        let Some(grpc) = &probe.grpc else { return Err("missing probe handler".to_owned()) };
        let port = port(&IntOrString::Int(grpc.port), container)?;
        let service = grpc.service.clone().unwrap_or_default();
        Ok(Self::Grpc { host: pod_ip.to_owned(), port, service })
    }
}

/// The request that the kubelet makes of an `httpGet`; `agent` is how it calls itself.
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/probe/http/request.go>
pub(super) fn http(get: &HTTPGetAction, container: &Container, pod_ip: &str, agent: &str) -> Result<Get, String> {
    let path = get.path.as_deref().unwrap_or_default();
    let mut headers: Vec<_> = get.http_headers.iter().flatten().map(|h| (h.name.clone(), h.value.clone())).collect();
    for (name, value) in [("User-Agent", agent), ("Accept", "*/*")] {
        if !headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)) {
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    // Given and empty means that it is not to be sent.
    headers.retain(|(name, value)| !value.is_empty() || !["accept", "user-agent"].contains(&&*name.to_lowercase()));
    let secure = get.scheme.as_deref().is_some_and(|s| s.eq_ignore_ascii_case("https"));
    Ok(Get {
        scheme: if secure { Scheme::Https } else { Scheme::Http },
        host: host(get.host.as_deref(), pod_ip),
        port: port(&get.port, container)?,
        path: if path.starts_with('/') { path.to_owned() } else { format!("/{path}") },
        headers,
    })
}

/// The host that an action names, or else the pod.
pub(super) fn host(given: Option<&str>, pod_ip: &str) -> String {
    given.filter(|h| !h.is_empty()).unwrap_or(pod_ip).to_owned()
}

/// The port of a container by its number or name.
pub(super) fn port(wanted: &IntOrString, container: &Container) -> Result<u16, String> {
    let number = match wanted {
        IntOrString::Int(number) => Some(*number),
        IntOrString::String(name) => {
            let named = container.ports.iter().flatten().find(|p| p.name.as_deref() == Some(name));
            named.map(|p| p.container_port).or_else(|| name.parse().ok())
        }
    };
    let port = number.and_then(|n| u16::try_from(n).ok()).filter(|n| *n != 0);
    port.ok_or_else(|| match wanted {
        IntOrString::Int(number) => format!("invalid port number: {number}"),
        IntOrString::String(name) => format!("couldn't find port: {name}"),
    })
}
