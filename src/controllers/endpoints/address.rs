//! The pods behind a Service, grouped by the ports that they really listen on.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EndpointAddress, EndpointPort, ObjectReference, Pod, Service, ServicePort};
use k8s_openapi::api::discovery::v1 as discovery;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{pod, selector};
use crate::api::{Object, View, labels};

/// The pods of a Service by the ports that they have for it. There is more than one group only where pods give one port
/// name different numbers.
pub type Groups = BTreeMap<Vec<Port>, Vec<Backend>>;

/// A port of a Service as one pod has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Port {
    name: String,
    number: i32,
    protocol: String,
    app_protocol: Option<String>,
}

impl Port {
    /// As Endpoints have it: a port without a name has none.
    pub fn endpoint_port(&self) -> EndpointPort {
        EndpointPort {
            name: Some(self.name.clone()).filter(|n| !n.is_empty()),
            port: self.number,
            protocol: Some(self.protocol.clone()),
            app_protocol: self.app_protocol.clone(),
        }
    }

    /// As slices have it: a port without a name has the empty one.
    pub fn slice_port(&self) -> discovery::EndpointPort {
        discovery::EndpointPort {
            name: Some(self.name.clone()),
            port: Some(self.number),
            protocol: Some(self.protocol.clone()),
            app_protocol: self.app_protocol.clone(),
        }
    }
}

/// A pod behind a Service.
#[derive(Clone, Debug, PartialEq)]
pub struct Backend {
    ip: String,
    node: Option<String>,
    hostname: Option<String>,
    pod: ObjectReference,
    /// Whether new connections may go to it.
    pub ready: bool,
    /// Whether it answers, even on its way out.
    pub serving: bool,
    /// Whether it is on its way out.
    pub terminating: bool,
}

impl Backend {
    /// The backend that a pod is; none before it has an address and after its end.
    fn of(service: &Service, pod: &Pod) -> Option<Self> {
        let (spec, status) = (pod.spec.as_ref()?, pod.status.as_ref()?);
        let ip = status.pod_ip.clone().filter(|ip| !ip.is_empty() && !pod::is_finished(pod))?;
        let publish = service.spec.as_ref().and_then(|s| s.publish_not_ready_addresses) == Some(true);
        let serving = pod::is_ready(pod);
        // Each pod of a StatefulSet has a name under its governing Service.
        let governed = spec.subdomain.as_deref() == Some(service.name());
        Some(Self {
            ip,
            node: spec.node_name.clone(),
            hostname: spec.hostname.clone().filter(|_| governed),
            pod: ObjectReference {
                kind: Some("Pod".to_owned()),
                namespace: pod.metadata.namespace.clone(),
                name: pod.metadata.name.clone(),
                uid: pod.metadata.uid.clone(),
                ..ObjectReference::default()
            },
            ready: publish || (serving && !pod.is_deleting()),
            serving,
            terminating: pod.is_deleting(),
        })
    }

    /// As Endpoints have it.
    pub fn address(&self) -> EndpointAddress {
        EndpointAddress {
            ip: self.ip.clone(),
            node_name: self.node.clone(),
            hostname: self.hostname.clone(),
            target_ref: Some(self.pod.clone()),
        }
    }

    /// As slices have it.
    pub fn endpoint(&self) -> discovery::Endpoint {
        discovery::Endpoint {
            addresses: vec![self.ip.clone()],
            conditions: Some(discovery::EndpointConditions {
                ready: Some(self.ready),
                serving: Some(self.serving),
                terminating: Some(self.terminating),
            }),
            hostname: self.hostname.clone(),
            node_name: self.node.clone(),
            target_ref: Some(self.pod.clone()),
            ..discovery::Endpoint::default()
        }
    }
}

/// The pods that a Service selects, in the order of their names.
pub fn groups(view: &View, service: &Service) -> Groups {
    let mut groups = Groups::new();
    let Some(selector) = selector(service) else {
        return groups;
    };
    for pod in view.list::<Pod>(service.namespace()) {
        if labels::has_all(pod.metadata.labels.as_ref(), selector) {
            let Some(backend) = Backend::of(service, pod) else { continue };
            groups.entry(ports(service, pod)).or_default().push(backend);
        }
    }
    groups
}

/// The Service's ports on one pod; a port name that the pod does not have is left out.
fn ports(service: &Service, pod: &Pod) -> Vec<Port> {
    let ports = service.spec.iter().flat_map(|s| s.ports.iter().flatten());
    let port = |port: &ServicePort| {
        let protocol = port.protocol.clone().unwrap_or_else(|| "TCP".to_owned());
        Some(Port {
            name: port.name.clone().unwrap_or_default(),
            number: number(port, &protocol, pod)?,
            app_protocol: port.app_protocol.clone(),
            protocol,
        })
    };
    ports.filter_map(port).collect()
}

fn number(port: &ServicePort, protocol: &str, pod: &Pod) -> Option<i32> {
    match &port.target_port {
        None | Some(IntOrString::Int(0)) => Some(port.port),
        Some(IntOrString::Int(number)) => Some(*number),
        Some(IntOrString::String(name)) => {
            let spec = pod.spec.as_ref()?;
            let sidecars = spec.init_containers.iter().flatten().filter(|c| c.restart_policy.is_some());
            let ports = spec.containers.iter().chain(sidecars).flat_map(|c| c.ports.iter().flatten());
            let mut named = ports.filter(|p| p.name.as_ref() == Some(name));
            named.find(|p| p.protocol.as_deref().unwrap_or("TCP") == protocol).map(|p| p.container_port)
        }
    }
}
