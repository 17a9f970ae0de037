//! Selects the containers of a pod to probe: those that run in its sandbox.

use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{Container as Declared, Pod};

use super::observe::Observed;
use super::policy::{app_containers, last_status};
use super::probes::Target;

/// What to probe; `host` is the address of pods on the host's network.
#[must_use]
pub fn targets(pod: &Pod, observed: &Observed, host: Ipv4Addr) -> Vec<Target> {
    let Some(sandbox) = observed.sound_sandbox() else { return Vec::new() };
    let pod_ip = sandbox.address.unwrap_or(host).to_string();
    let target = |declared: &Declared| {
        let container = observed.newest(&declared.name).filter(|c| sandbox.has_member(c))?;
        let id = format!("docker://{}", container.id);
        let told = last_status(pod, &declared.name).filter(|s| s.container_id.as_ref() == Some(&id));
        Some(Target {
            container: declared.clone(),
            id: container.id.clone(),
            started: container.running_since()?,
            pod_ip: pod_ip.clone(),
            was_started: told.is_some_and(|s| s.started == Some(true)),
            was_ready: told.is_some_and(|s| s.ready),
        })
    };
    app_containers(pod).iter().filter_map(target).collect()
}
