//! What Kubernetes refuses in the ports of a Service.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{ServicePort, ServiceSpec};

use super::field::{invalid, one_of, port, required};
use super::{name, probe};
use crate::api::Problem;

/// The ports that a Service may take on the host, as in Kubernetes by default.
const NODE_PORTS: std::ops::RangeInclusive<i32> = 30_000..=32_767;

/// Ports with unique names and numbers; none is needed without a cluster address.
pub fn ports(spec: &ServiceSpec) -> Vec<Problem> {
    let ports = spec.ports.as_deref().unwrap_or_default();
    let kind = spec.type_.as_deref().unwrap_or_default();
    let headless = spec.cluster_ip.as_deref() == Some("None");
    if ports.is_empty() && !headless && kind != "ExternalName" {
        return vec![Problem::required("spec.ports", "")];
    }
    let mut problems = Vec::new();
    let (mut names, mut numbers, mut node_ports) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (i, p) in ports.iter().enumerate() {
        let path = format!("spec.ports[{i}]");
        let protocol = p.protocol.as_deref().unwrap_or("TCP");
        problems.extend(one(&path, p, ports.len() > 1));
        problems.extend(node_port(&path, p, kind));
        let text = p.name.as_deref().unwrap_or_default();
        if !text.is_empty() && !names.insert(text) {
            problems.push(Problem::duplicate(format!("{path}.name"), text));
        }
        if !numbers.insert((protocol, p.port)) {
            problems.push(Problem::duplicate(&path, &format!("{}/{protocol}", p.port)));
        }
        let node = p.node_port.filter(|n| *n != 0);
        if node.is_some_and(|n| !node_ports.insert((protocol, n))) {
            problems.push(Problem::duplicate(format!("{path}.nodePort"), &node.unwrap_or_default().to_string()));
        }
    }
    problems
}

fn one(path: &str, p: &ServicePort, several: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    let text = p.name.as_deref().unwrap_or_default();
    if several || !text.is_empty() {
        problems.extend(required(&format!("{path}.name"), text, name::label));
    }
    problems.extend(port(&format!("{path}.port"), p.port));
    problems.extend(one_of(&format!("{path}.protocol"), p.protocol.as_deref(), &["SCTP", "TCP", "UDP"]));
    problems.extend(p.target_port.iter().flat_map(|t| probe::target(&format!("{path}.targetPort"), t)));
    problems
}

fn node_port(path: &str, p: &ServicePort, kind: &str) -> Option<Problem> {
    let number = p.node_port.filter(|n| *n != 0)?;
    let path = format!("{path}.nodePort");
    if matches!(kind, "ClusterIP" | "ExternalName") {
        return Some(Problem::forbidden(path, format!("may not be used when `type` is '{kind}'")));
    }
    let message = "provided port is not in the valid range. The range of valid ports is 30000-32767";
    (!NODE_PORTS.contains(&number)).then(|| invalid(path, number, message))
}
