//! What room the node has left, and what of it a pod misses.

use k8s_openapi::api::core::v1::{Node, Pod, Taint, Toleration};

use super::request::{self, Amounts};
use crate::api::{Object, labels};

/// A port on the host: protocol, address (empty for all), number.
type HostPort = (String, String, i32);

/// The node and what is taken of it.
pub struct Room<'a> {
    /// The node.
    pub node: &'a Node,
    free: Amounts,
    pods: i128,
    ports: Vec<HostPort>,
}

impl<'a> Room<'a> {
    /// The room that is left beside the pods that are bound and have not finished.
    pub fn on(node: &'a Node, pods: impl Iterator<Item = &'a Pod>) -> Self {
        let allocatable = node.status.iter().flat_map(|s| s.allocatable.iter().flatten());
        let mut free = request::amounts(allocatable);
        let most = free.remove("pods").unwrap_or(i128::MAX);
        let mut room = Self { node, free, pods: most, ports: Vec::new() };
        for pod in pods {
            let finished = pod.status.as_ref().and_then(|s| s.phase.as_deref());
            let bound = pod.spec.as_ref().and_then(|s| s.node_name.as_deref()) == Some(node.name());
            if bound && !matches!(finished, Some("Succeeded" | "Failed")) {
                room.take(pod);
            }
        }
        room
    }

    /// Takes what a pod asks for.
    pub fn take(&mut self, pod: &Pod) {
        for (name, amount) in request::of(pod) {
            self.free.entry(name).and_modify(|free| *free -= amount);
        }
        self.pods -= 1000;
        self.ports.extend(host_ports(pod));
    }

    /// Why the pod does not fit, in Kubernetes' words; empty if it does.
    pub fn refusals(&self, pod: &Pod) -> Vec<String> {
        let mut reasons = Vec::new();
        let spec = pod.spec.clone().unwrap_or_default();
        let node = self.node.spec.clone().unwrap_or_default();
        let tolerations = spec.tolerations.unwrap_or_default();
        let taints = node.taints.unwrap_or_default();
        if let Some(taint) = taints.iter().find(|t| !is_tolerated(t, &tolerations)) {
            let value = taint.value.as_deref().unwrap_or_default();
            reasons.push(format!("1 node(s) had untolerated taint {{{}: {value}}}", taint.key));
        }
        if node.unschedulable == Some(true) {
            reasons.push("1 node(s) were unschedulable".to_owned());
        }
        let selector = spec.node_selector.unwrap_or_default();
        if !labels::has_all(self.node.metadata.labels.as_ref(), &selector) {
            reasons.push("1 node(s) didn't match Pod's node affinity/selector".to_owned());
        }
        if host_ports(pod).iter().any(|p| self.ports.iter().any(|taken| clash(p, taken))) {
            reasons.push("1 node(s) didn't have free ports for the requested pod ports".to_owned());
        }
        if self.pods < 1000 {
            reasons.push("1 Too many pods".to_owned());
        }
        for (name, amount) in request::of(pod) {
            if amount > 0 && amount > self.free.get(&name).copied().unwrap_or(0) {
                reasons.push(format!("1 Insufficient {name}"));
            }
        }
        reasons
    }
}

fn host_ports(pod: &Pod) -> Vec<HostPort> {
    let Some(spec) = &pod.spec else { return Vec::new() };
    let sidecars = spec.init_containers.iter().flatten().filter(|c| c.restart_policy.is_some());
    let ports = spec.containers.iter().chain(sidecars).flat_map(|c| c.ports.iter().flatten());
    let host = |p: &k8s_openapi::api::core::v1::ContainerPort| {
        let ip = p.host_ip.clone().filter(|ip| ip != "0.0.0.0").unwrap_or_default();
        let protocol = p.protocol.clone().unwrap_or_else(|| "TCP".to_owned());
        p.host_port.filter(|n| *n > 0).map(|number| (protocol, ip, number))
    };
    ports.filter_map(host).collect()
}

fn clash(a: &HostPort, b: &HostPort) -> bool {
    a.0 == b.0 && a.2 == b.2 && (a.1 == b.1 || a.1.is_empty() || b.1.is_empty())
}

/// <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
fn is_tolerated(taint: &Taint, tolerations: &[Toleration]) -> bool {
    let tolerates = |t: &Toleration| {
        let empty = |text: &Option<String>| text.as_ref().is_none_or(String::is_empty);
        let key = (empty(&t.key) && t.operator.as_deref() == Some("Exists")) || t.key.as_ref() == Some(&taint.key);
        let value = t.operator.as_deref() == Some("Exists")
            || t.value.as_deref().unwrap_or_default() == taint.value.as_deref().unwrap_or_default();
        key && value && (empty(&t.effect) || t.effect.as_ref() == Some(&taint.effect))
    };
    taint.effect == "PreferNoSchedule" || tolerations.iter().any(tolerates)
}
