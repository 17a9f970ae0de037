//! Translates the state of a pod's containers to the pod's conditions.
//! <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions>

use k8s_openapi::api::core::v1::{ContainerStatus, PodCondition};

use super::plan::{Round, resize_failure};
use super::policy::{app_containers, init_containers, is_sidecar};
use crate::api::conditions;

/// The condition of a pod whose containers can't be given the resources that are declared.
const RESIZING: &str = "PodResizeInProgress";

/// Why a condition is not met: a reason in CamelCase and a message, which may be empty.
type Because = (&'static str, String);

/// The pod's conditions; those that are not the kubelet's stay as they are.
#[must_use]
pub fn of(round: Round, phase: &str, inits: &[ContainerStatus], apps: &[ContainerStatus]) -> Vec<PodCondition> {
    let mut all = round.pod.status.as_ref().and_then(|s| s.conditions.clone()).unwrap_or_default();
    let mut set = |kind: &str, because: Option<Because>, ok: bool| {
        let (reason, message) = because.filter(|_| !ok || phase == "Succeeded" || kind == RESIZING).unzip();
        let condition = PodCondition {
            type_: kind.to_owned(),
            status: if ok { "True" } else { "False" }.to_owned(),
            reason: reason.map(str::to_owned),
            message: message.filter(|m| !m.is_empty()),
            observed_generation: round.pod.metadata.generation,
            ..PodCondition::default()
        };
        conditions::set(&mut all, condition, round.now);
    };
    let completed = (phase == "Succeeded").then(|| ("PodCompleted", String::new()));
    set("PodScheduled", None, true);
    set("PodReadyToStartContainers", None, round.observed.sound_sandbox().is_some());
    // With an app container running, init containers have succeeded even where they were cleaned away.
    let initialized = round.is_initialized();
    let incomplete = ("ContainersNotInitialized", incomplete(round, inits));
    set("Initialized", completed.clone().or(Some(incomplete)), initialized || phase == "Succeeded");
    let unready = unready(round, inits, apps);
    let containers_ready = unready.is_empty() && initialized && phase == "Running";
    let because = match phase {
        "Failed" => ("PodFailed", String::new()),
        _ => ("ContainersNotReady", format!("containers with unready status: [{}]", unready.join(" "))),
    };
    set("ContainersReady", completed.clone().or(Some(because.clone())), containers_ready);
    let gates = gates(round);
    let because = if containers_ready { ("ReadinessGatesNotReady", gates.join(", ")) } else { because };
    set("Ready", completed.or(Some(because)), containers_ready && gates.is_empty());
    let resize = app_containers(round.pod).iter().find_map(|c| resize_failure(round.memory, &c.name));
    match resize {
        Some(failure) => set(RESIZING, Some(("Error", failure.message.clone())), true),
        None => all.retain(|c| c.type_ != RESIZING),
    }
    all
}

fn incomplete(round: Round, inits: &[ContainerStatus]) -> String {
    let done = |status: &ContainerStatus| {
        let declared = init_containers(round.pod).iter().find(|c| c.name == status.name);
        if declared.is_some_and(is_sidecar) { status.started == Some(true) } else { status.ready }
    };
    let names: Vec<&str> = inits.iter().filter(|c| !done(c)).map(|c| c.name.as_str()).collect();
    format!("containers with incomplete status: [{}]", names.join(" "))
}

/// The sidecars and app containers that are not ready.
fn unready<'a>(round: Round, inits: &'a [ContainerStatus], apps: &'a [ContainerStatus]) -> Vec<&'a str> {
    let sidecar =
        |status: &&ContainerStatus| init_containers(round.pod).iter().any(|c| c.name == status.name && is_sidecar(c));
    inits.iter().filter(sidecar).chain(apps).filter(|c| !c.ready).map(|c| c.name.as_str()).collect()
}

/// What is wrong with the conditions that others set and that the pod waits for.
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-gate>
fn gates(round: Round) -> Vec<String> {
    let gates = round.pod.spec.iter().flat_map(|s| s.readiness_gates.iter().flatten());
    let told = |kind: &str| {
        let all = round.pod.status.as_ref().and_then(|s| s.conditions.as_ref());
        all.into_iter().flatten().find(|c| c.type_ == kind).map(|c| c.status.clone())
    };
    let complaint = |kind: &str| match told(kind) {
        None => Some(format!("corresponding condition of pod readiness gate \"{kind}\" does not exist.")),
        Some(status) if status == "True" => None,
        Some(status) => Some(format!("the status of pod readiness gate \"{kind}\" is not \"True\", but {status}")),
    };
    gates.filter_map(|gate| complaint(&gate.condition_type)).collect()
}
