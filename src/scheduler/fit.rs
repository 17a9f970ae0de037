//! What room the node has left, and what of it a pod misses.

use k8s_openapi::api::core::v1::{Node, Pod};

use super::request::{self, Amounts};
use super::{affinity, spread};
use crate::api::{Object, View, placement};

/// A port on the host: protocol, address (empty for all), number.
type HostPort = (String, String, i32);

/// The node and what is taken of it.
#[derive(Clone)]
pub struct Room<'a> {
    /// The node.
    pub node: &'a Node,
    /// The pods that are on it and have not finished, and those that are promised a place.
    pub residents: Vec<&'a Pod>,
    view: &'a View,
    free: Amounts,
    pods: i128,
}

impl<'a> Room<'a> {
    /// The room that is left beside the pods that are bound and have not finished.
    pub fn on(node: &'a Node, view: &'a View) -> Self {
        let allocatable = node.status.iter().flat_map(|s| s.allocatable.iter().flatten());
        let mut free = request::amounts(allocatable);
        let most = free.remove("pods").unwrap_or(i128::MAX);
        let mut room = Self { node, residents: Vec::new(), view, free, pods: most };
        view.all::<Pod>().filter(|pod| is_on(pod, node)).for_each(|pod| room.take(pod));
        room
    }

    /// Takes what a pod asks for.
    pub fn take(&mut self, pod: &'a Pod) {
        for (name, amount) in request::of(pod) {
            self.free.entry(name).and_modify(|free| *free -= amount);
        }
        self.pods -= 1000;
        self.residents.push(pod);
    }

    /// Gives back what a pod took.
    pub fn give(&mut self, pod: &Pod) {
        for (name, amount) in request::of(pod) {
            self.free.entry(name).and_modify(|free| *free += amount);
        }
        self.pods += 1000;
        self.residents.retain(|r| r.uid() != pod.uid());
    }

    /// Why the pod does not fit, in Kubernetes' words; empty if it does.
    pub fn refusals(&self, pod: &Pod) -> Vec<String> {
        let mut reasons = self.by_the_node(pod);
        let mut add = |reason: &str| reasons.push(reason.to_owned());
        let ports = host_ports(pod);
        let taken: Vec<_> = self.residents.iter().flat_map(|r| host_ports(r)).collect();
        if ports.iter().any(|p| taken.iter().any(|taken| clash(p, taken))) {
            add("1 node(s) didn't have free ports for the requested pod ports");
        }
        affinity::refusals(self.view, self.node, &self.residents, pod).into_iter().for_each(&mut add);
        spread::refusal(self.node, &self.residents, pod).into_iter().for_each(&mut add);
        if self.pods < 1000 {
            add("1 Too many pods");
        }
        for (name, amount) in request::of(pod) {
            if amount > 0 && amount > self.free.get(&name).copied().unwrap_or(0) {
                add(&format!("1 Insufficient {name}"));
            }
        }
        reasons
    }

    /// What the node itself has against the pod, whoever else is on it.
    fn by_the_node(&self, pod: &Pod) -> Vec<String> {
        let mut reasons = Vec::new();
        let spec = pod.spec.clone().unwrap_or_default();
        let taints = placement::untolerated(self.node, &spec, &["NoSchedule", "NoExecute"]);
        let (closed, own): (Vec<_>, Vec<_>) = taints.iter().partition(|t| t.key == placement::CLOSED);
        if let Some(taint) = own.first() {
            let value = taint.value.as_deref().unwrap_or_default();
            reasons.push(format!("1 node(s) had untolerated taint {{{}: {value}}}", taint.key));
        }
        if !closed.is_empty() {
            reasons.push("1 node(s) were unschedulable".to_owned());
        }
        if !placement::is_selected(self.node, &spec) {
            reasons.push("1 node(s) didn't match Pod's node affinity/selector".to_owned());
        }
        reasons
    }
}

/// Whether the pod is bound to the node and has not finished.
pub fn is_on(pod: &Pod, node: &Node) -> bool {
    let finished = pod.status.as_ref().and_then(|s| s.phase.as_deref());
    let bound = pod.spec.as_ref().and_then(|s| s.node_name.as_deref()) == Some(node.name());
    bound && !matches!(finished, Some("Succeeded" | "Failed"))
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
