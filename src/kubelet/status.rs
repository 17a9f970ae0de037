//! Translates a pod and what the engine has of it to its status. <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/>

use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{ContainerStatus, HostIP, Pod, PodIP, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::actions::PodActions;
use super::plan::Round;
use super::policy::{
    again, again_init, app_containers, ephemeral_containers, init_containers, is_sidecar, is_terminal, of_ephemeral,
};
use super::{container_status, pod_conditions, qos};
use crate::api::Object;

/// The reason and the message of a pod that was active for longer than it may be.
pub const OVERDUE: (&str, &str) = ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");

/// The pod's status. `actions` are those that the same round decided, `host` is the host's address on the network.
#[must_use]
pub fn pod_status(round: Round, actions: &PodActions, host: Ipv4Addr) -> PodStatus {
    let Round { pod, observed, now, .. } = round;
    let old = pod.status.clone().unwrap_or_default();
    let inits: Vec<_> = init_containers(pod).iter().map(|c| container_status::init(round, actions, c)).collect();
    let apps: Vec<_> = app_containers(pod).iter().map(|c| container_status::app(round, actions, c)).collect();
    let ephemeral = ephemeral_containers(pod).iter().map(of_ephemeral);
    let ephemeral: Vec<_> = ephemeral.map(|c| container_status::ephemeral(round, actions, &c)).collect();
    let phase = if is_terminal(pod) { old.phase.clone().unwrap_or_default() } else { phase(round, &inits, &apps) };
    let on_host = pod.spec.as_ref().is_some_and(|s| s.host_network == Some(true));
    let address = if on_host { observed.sound_sandbox().map(|_| host) } else { observed.address() };
    // The address of a pod that has ended, or whose sandbox is being replaced, is not taken back.
    let ip = address.map(|a| a.to_string()).or(old.pod_ip);
    let overdue = (round.is_overdue() && !is_terminal(pod)).then_some(OVERDUE).unzip();
    PodStatus {
        conditions: Some(pod_conditions::of(round, &phase, &inits, &apps)),
        pod_ips: ip.clone().map(|ip| vec![PodIP { ip }]),
        pod_ip: ip,
        host_ip: Some(host.to_string()),
        host_ips: Some(vec![HostIP { ip: host.to_string() }]),
        start_time: old.start_time.or(Some(Time(now))),
        qos_class: Some(old.qos_class.unwrap_or_else(|| qos::class(pod).to_owned())),
        observed_generation: pod.metadata.generation,
        init_container_statuses: (!inits.is_empty()).then_some(inits),
        container_statuses: Some(apps),
        ephemeral_container_statuses: (!ephemeral.is_empty()).then_some(ephemeral),
        phase: Some(phase),
        nominated_node_name: old.nominated_node_name,
        reason: overdue.0.map(str::to_owned).or(old.reason),
        message: overdue.1.map(str::to_owned).or(old.message),
        ..PodStatus::default()
    }
}

/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase>
fn phase(round: Round, inits: &[ContainerStatus], apps: &[ContainerStatus]) -> String {
    let pod = round.pod;
    let code = |c: &ContainerStatus| c.state.as_ref()?.terminated.as_ref().map(|t| i64::from(t.exit_code));
    let spec = |name: &str| init_containers(pod).iter().chain(app_containers(pod)).find(|c| c.name == name);
    let failed_init = |c: &ContainerStatus| {
        let declared = spec(&c.name).filter(|d| !is_sidecar(d));
        declared.zip(code(c)).is_some_and(|(d, code)| code != 0 && !again_init(pod, d, code))
    };
    let goes_on = |c: &ContainerStatus| {
        code(c).is_none_or(|code| spec(&c.name).is_some_and(|declared| again(pod, declared, code)))
    };
    // What is to end for good is not restarted, whatever the policy.
    let ends = pod.is_deleting() || round.is_overdue();
    let runs = round.observed.all().any(|c| c.running_since().is_some());
    let succeeded = apps.iter().all(|c| code(c) == Some(0));
    let phase = if ends && !runs && (round.is_overdue() || apps.iter().all(|c| code(c).is_some())) {
        if succeeded && !round.is_overdue() { "Succeeded" } else { "Failed" }
    } else if inits.iter().any(failed_init) {
        // Sidecars may still run.
        if runs { "Pending" } else { "Failed" }
    } else if !round.is_initialized() || apps.iter().any(is_new) {
        "Pending"
    } else if runs || apps.iter().any(goes_on) {
        "Running"
    } else if succeeded {
        "Succeeded"
    } else {
        "Failed"
    };
    phase.to_owned()
}

/// Whether a container waits and has never run.
fn is_new(status: &ContainerStatus) -> bool {
    let waits = status.state.as_ref().is_none_or(|s| s.waiting.is_some());
    waits && status.last_state.as_ref().is_none_or(|s| s.terminated.is_none()) && status.container_id.is_none()
}

/// Whether two statuses say the same, at the API's resolution of time.
#[must_use]
pub fn same(pod: &Pod, status: &PodStatus) -> bool {
    let json = |status: &PodStatus| serde_json::to_value(status).unwrap_or_default();
    pod.status.as_ref().is_some_and(|old| json(old) == json(status))
}

#[cfg(test)]
mod tests;
