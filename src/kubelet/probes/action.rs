//! Translates a probe of the manifest to what is asked of whom.

use k8s_openapi::api::core::v1::{Container, HTTPGetAction, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::target::Target;

/// What a probe does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Asks a web server.
    Http(Get),
    /// Opens a connection.
    Tcp { host: String, port: u16 },
    /// Runs a program in the container.
    Exec(Vec<String>),
}

/// A web request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Get {
    /// Whom to ask.
    pub host: String,
    /// Where it listens.
    pub port: u16,
    /// With a leading slash.
    pub path: String,
    /// What is sent along.
    pub headers: Vec<(String, String)>,
}

impl Action {
    /// What the probe does, or why it can't be done, in words.
    pub fn of(probe: &Probe, target: &Target) -> Result<Self, String> {
        if let Some(exec) = &probe.exec {
            return Ok(Self::Exec(exec.command.clone().unwrap_or_default()));
        }
        if let Some(get) = &probe.http_get {
            return Get::of(get, target).map(Self::Http);
        }
        if let Some(tcp) = &probe.tcp_socket {
            let port = port(&tcp.port, &target.container)?;
            return Ok(Self::Tcp { host: host(tcp.host.as_deref(), target), port });
        }
        Err("wharf has no probes but httpGet, tcpSocket and exec".to_owned())
    }
}

impl Get {
    /// The request of a probe or a hook of a running container, or why it can't be made, in words.
    pub fn of(get: &HTTPGetAction, target: &Target) -> Result<Self, String> {
        if get.scheme.as_deref().is_some_and(|s| s.eq_ignore_ascii_case("https")) {
            return Err("wharf has no probes by HTTPS".to_owned());
        }
        let path = get.path.as_deref().unwrap_or_default();
        let mut headers: Vec<_> =
            get.http_headers.iter().flatten().map(|h| (h.name.clone(), h.value.clone())).collect();
        for (name, value) in [("User-Agent", "kube-probe/1.36"), ("Accept", "*/*")] {
            if !headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)) {
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(Self {
            host: host(get.host.as_deref(), target),
            port: port(&get.port, &target.container)?,
            path: if path.starts_with('/') { path.to_owned() } else { format!("/{path}") },
            headers,
        })
    }
}

fn host(given: Option<&str>, target: &Target) -> String {
    given.filter(|h| !h.is_empty()).unwrap_or(&target.pod_ip).to_owned()
}

fn port(wanted: &IntOrString, container: &Container) -> Result<u16, String> {
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
