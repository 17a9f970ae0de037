//! A container to probe.

use k8s_openapi::api::core::v1::{Container, Probe};

use super::state::Kind;
use crate::api::Timestamp;

/// A running container of a pod, with or without probes.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The container as the pod has it: its name, probes and ports.
    pub container: Container,
    /// The engine's id of it. A new one starts all over.
    pub id: String,
    /// When it was started.
    pub started: Timestamp,
    /// The pod's address.
    pub pod_ip: String,
    /// Whether the pod's status says of this id that it has started: looked at only when the id is new to the prober, so
    /// that an agent that was restarted goes on where it was.
    pub was_started: bool,
    /// The same for readiness.
    pub was_ready: bool,
}

impl Target {
    /// The probe of a kind, if the container has it.
    pub(super) fn probe(&self, kind: Kind) -> Option<&Probe> {
        match kind {
            Kind::Startup => self.container.startup_probe.as_ref(),
            Kind::Liveness => self.container.liveness_probe.as_ref(),
            Kind::Readiness => self.container.readiness_probe.as_ref(),
        }
    }

    /// Whether both ask the same of the same container.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let probes = |t: &Self| [Kind::Startup, Kind::Liveness, Kind::Readiness].map(|kind| t.probe(kind).cloned());
        self.id == other.id && self.pod_ip == other.pod_ip && probes(self) == probes(other)
    }
}
