//! Decides which containers of a pod are probed.

use k8s_openapi::api::core::v1::{Container, Pod, Probe};

use super::state::Kind;
use crate::api::Timestamp;
use crate::kubelet::observe::Observed;
use crate::kubelet::policy::{app_containers, last_status};

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

/// The pod's app containers that run, while the pod has an address.
#[must_use]
pub fn targets(pod: &Pod, observed: &Observed) -> Vec<Target> {
    // A pod in the host's network has its address from its status only.
    let told = pod.status.as_ref().and_then(|s| s.pod_ip.clone());
    let Some(pod_ip) = observed.address().map(|a| a.to_string()).or(told) else { return Vec::new() };
    if observed.sound_sandbox().is_none() {
        return Vec::new();
    }
    let target = |container: &Container| {
        let running = observed.newest(&container.name)?;
        let known = last_status(pod, &container.name)
            .filter(|status| status.container_id.as_deref().is_some_and(|id| id.ends_with(&running.id)));
        Some(Target {
            container: container.clone(),
            id: running.id.clone(),
            started: running.running_since()?,
            pod_ip: pod_ip.clone(),
            was_started: known.is_some_and(|s| s.started == Some(true)),
            was_ready: known.is_some_and(|s| s.ready),
        })
    };
    app_containers(pod).iter().filter_map(target).collect()
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
