//! Translates a pod and what the engine has of it to its status. <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/>

use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{ContainerStatus, HostIP, Pod, PodCondition, PodIP, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::actions::PodActions;
use super::plan::{Round, is_initialized};
use super::policy::{Restart, app_containers, init_containers, is_terminal};
use super::{container_status, qos};
use crate::api::conditions;

/// The pod's status. `actions` are those that the same round decided, `host` is the host's address on the network.
#[must_use]
pub fn pod_status(round: Round, actions: &PodActions, host: Ipv4Addr) -> PodStatus {
    let Round { pod, observed, now, .. } = round;
    let old = pod.status.clone().unwrap_or_default();
    let inits: Vec<_> = init_containers(pod).iter().map(|c| container_status::init(round, actions, c)).collect();
    let apps: Vec<_> = app_containers(pod).iter().map(|c| container_status::app(round, actions, c)).collect();
    let phase = if is_terminal(pod) { old.phase.clone().unwrap_or_default() } else { phase(round, &inits, &apps) };
    let on_host = pod.spec.as_ref().is_some_and(|s| s.host_network == Some(true));
    let address = if on_host { observed.sound_sandbox().map(|_| host) } else { observed.address() };
    // The address of a pod that has ended, or whose sandbox is being replaced, is not taken back.
    let ip = address.map(|a| a.to_string()).or(old.pod_ip);
    PodStatus {
        conditions: Some(conditions_of(round, &phase, &inits, &apps)),
        pod_ips: ip.clone().map(|ip| vec![PodIP { ip }]),
        pod_ip: ip,
        host_ip: Some(host.to_string()),
        host_ips: Some(vec![HostIP { ip: host.to_string() }]),
        start_time: old.start_time.or(Some(Time(now))),
        qos_class: Some(qos::class(pod).to_owned()),
        init_container_statuses: (!inits.is_empty()).then_some(inits),
        container_statuses: Some(apps),
        phase: Some(phase),
        nominated_node_name: old.nominated_node_name,
        reason: old.reason,
        message: old.message,
        ..PodStatus::default()
    }
}

/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase>
fn phase(round: Round, inits: &[ContainerStatus], apps: &[ContainerStatus]) -> String {
    let policy = Restart::of(round.pod);
    let code = |c: &ContainerStatus| c.state.as_ref()?.terminated.as_ref().map(|t| t.exit_code);
    let phase = if policy == Restart::Never && inits.iter().any(|c| code(c).is_some_and(|code| code != 0)) {
        "Failed"
    } else if !is_initialized(round.pod, round.observed) || apps.iter().any(is_new) {
        "Pending"
    } else if apps.iter().any(|c| code(c).is_none_or(|code| policy.again(i64::from(code)))) {
        "Running"
    } else if apps.iter().all(|c| code(c) == Some(0)) {
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

/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions>
fn conditions_of(
    round: Round,
    phase: &str,
    inits: &[ContainerStatus],
    apps: &[ContainerStatus],
) -> Vec<PodCondition> {
    let mut all = round.pod.status.as_ref().and_then(|s| s.conditions.clone()).unwrap_or_default();
    let unready = |statuses: &[ContainerStatus]| -> Vec<String> {
        statuses.iter().filter(|c| !c.ready).map(|c| c.name.clone()).collect()
    };
    let mut set = |kind: &str, because: Option<(&str, String)>, ok: bool| {
        let status = if ok { "True" } else { "False" };
        let (reason, message) = because.filter(|_| !ok || phase == "Succeeded").unzip();
        let condition = PodCondition {
            type_: kind.to_owned(),
            status: status.to_owned(),
            reason: reason.map(str::to_owned),
            message: message.filter(|m: &String| !m.is_empty()),
            ..PodCondition::default()
        };
        conditions::set(&mut all, condition, round.now);
    };
    let completed = (phase == "Succeeded").then(|| ("PodCompleted", String::new()));
    set("PodScheduled", None, true);
    set("PodReadyToStartContainers", None, round.observed.sound_sandbox().is_some());
    // With an app container running, init containers have succeeded even where they were cleaned away.
    let initialized = is_initialized(round.pod, round.observed);
    let names = unready(inits).join(" ");
    let incomplete = ("ContainersNotInitialized", format!("containers with incomplete status: [{names}]"));
    set("Initialized", completed.clone().or(Some(incomplete)), initialized || phase == "Succeeded");
    let names = unready(apps);
    let ready = names.is_empty() && initialized && matches!(phase, "Running");
    let unready = match phase {
        "Failed" => ("PodFailed", String::new()),
        _ => ("ContainersNotReady", format!("containers with unready status: [{}]", names.join(" "))),
    };
    set("ContainersReady", completed.clone().or(Some(unready.clone())), ready);
    set("Ready", completed.or(Some(unready)), ready);
    all
}

/// Whether two statuses say the same, at the API's resolution of time.
#[must_use]
pub fn same(pod: &Pod, status: &PodStatus) -> bool {
    let json = |status: &PodStatus| serde_json::to_value(status).unwrap_or_default();
    pod.status.as_ref().is_some_and(|old| json(old) == json(status))
}

#[cfg(test)]
mod tests;
