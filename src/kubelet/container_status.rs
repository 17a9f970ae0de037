//! Translates one container of a pod to its status. <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states>

use k8s_openapi::api::core::v1::{
    Container as Declared, ContainerState, ContainerStateRunning, ContainerStateTerminated, ContainerStateWaiting,
    ContainerStatus,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::actions::{PodActions, Waiting};
use super::container_resources;
use super::errand::Errand;
use super::plan::Round;
use super::policy::{is_sidecar, last_status};
use super::runtime::{Container, State};

/// The status of an app container.
#[must_use]
pub fn app(round: Round, actions: &PodActions, declared: &Declared) -> ContainerStatus {
    let started = round.is_started(declared);
    let health = round.health.get(&declared.name);
    let ready = started && health.map_or(declared.readiness_probe.is_none(), |h| h.ready);
    ContainerStatus { started: Some(started), ready, ..base(round, actions, declared) }
}

/// The status of an init container, which is ready once it has succeeded; a sidecar's is that of an app container.
#[must_use]
pub fn init(round: Round, actions: &PodActions, declared: &Declared) -> ContainerStatus {
    if is_sidecar(declared) {
        return app(round, actions, declared);
    }
    let base = base(round, actions, declared);
    let running = base.state.as_ref().is_some_and(|s| s.running.is_some());
    let succeeded = base.state.as_ref().and_then(|s| s.terminated.as_ref()).is_some_and(|t| t.exit_code == 0);
    ContainerStatus { started: Some(running), ready: succeeded, ..base }
}

/// The status of an ephemeral container, which nobody waits for.
#[must_use]
pub fn ephemeral(round: Round, actions: &PodActions, declared: &Declared) -> ContainerStatus {
    base(round, actions, declared)
}

fn base(round: Round, actions: &PodActions, declared: &Declared) -> ContainerStatus {
    let Round { pod, observed, .. } = round;
    let name = &declared.name;
    let old = last_status(pod, name);
    let reason = actions.waiting.get(name);
    let mut containers = observed.started(name);
    let Some(newest) = containers.next() else {
        return unobserved(round, reason, declared);
    };
    let before = |c: &Container| state(c, round.messages.get(&c.id));
    let now = state(newest, round.messages.get(&newest.id));
    // The one before may have been removed by hand: then the API remembers it.
    let mut last = || containers.next().and_then(before).or_else(|| old?.last_state.clone());
    let (state, last_state) = match (&newest.state, round.errands.get(&newest.id), reason) {
        (State::Exited { .. }, _, Some(reason)) => (Some(waiting(reason)), now),
        (State::Running { .. }, Some(Errand::PostStart), _) => (Some(waiting(&creating(round))), last()),
        (State::Running { .. }, Some(Errand::PostStartFailed(message)), _) => {
            let failed = Waiting { reason: "PostStartHookError".to_owned(), message: message.clone() };
            (Some(waiting(&failed)), last())
        }
        _ => (now, last()),
    };
    // One that does not count as running yet has not begun.
    let begins = newest.attempt() == 0 && round.errands.get(&newest.id) == Some(&Errand::PostStart);
    let container_id = (!begins).then(|| container_id(newest));
    ContainerStatus {
        name: name.clone(),
        container_id,
        image: newest.image.clone(),
        image_id: newest.image_id.clone(),
        restart_count: i32::try_from(newest.attempt()).unwrap_or(i32::MAX),
        allocated_resources: container_resources::allocated(declared),
        resources: container_resources::actual(declared, newest),
        state,
        last_state,
        ..ContainerStatus::default()
    }
}

/// Why a container does not run that nothing is known to keep from it.
fn creating(round: Round) -> Waiting {
    let reason = if round.is_initialized() { "ContainerCreating" } else { "PodInitializing" };
    Waiting { reason: reason.to_owned(), message: String::new() }
}

/// The engine has no container of that name: it is still to come, was removed by hand, or ended long ago.
fn unobserved(round: Round, reason: Option<&Waiting>, declared: &Declared) -> ContainerStatus {
    let old = last_status(round.pod, &declared.name);
    let ended = old.and_then(|s| s.state.as_ref()).filter(|s| s.terminated.is_some());
    let state = match (reason, ended) {
        (None, Some(ended)) => ended.clone(),
        (reason, _) => waiting(reason.unwrap_or(&creating(round))),
    };
    ContainerStatus {
        name: declared.name.clone(),
        image: declared.image.clone().unwrap_or_default(),
        container_id: old.and_then(|s| s.container_id.clone()),
        image_id: old.map(|s| s.image_id.clone()).unwrap_or_default(),
        restart_count: old.map_or(0, |s| s.restart_count),
        last_state: old.and_then(|s| s.last_state.clone()),
        state: Some(state),
        ..ContainerStatus::default()
    }
}

fn waiting(Waiting { reason, message }: &Waiting) -> ContainerState {
    let message = (!message.is_empty()).then(|| message.clone());
    let waiting = ContainerStateWaiting { reason: Some(reason.clone()), message };
    ContainerState { waiting: Some(waiting), ..ContainerState::default() }
}

fn state(container: &Container, message: Option<&String>) -> Option<ContainerState> {
    let mut state = ContainerState::default();
    match &container.state {
        State::Created => return None,
        State::Running { started } => {
            state.running = Some(ContainerStateRunning { started_at: Some(Time(*started)) });
        }
        State::Exited { started, finished, code, oom, error } => {
            let reason = match code {
                _ if *oom => "OOMKilled",
                _ if started.is_none() => "StartError",
                0 => "Completed",
                _ => "Error",
            };
            state.terminated = Some(ContainerStateTerminated {
                container_id: Some(container_id(container)),
                exit_code: i32::try_from(*code).unwrap_or(i32::MAX),
                finished_at: Some(Time(*finished)),
                message: Some(message.unwrap_or(error).clone()).filter(|m| !m.is_empty()),
                reason: Some(reason.to_owned()),
                signal: None,
                started_at: started.map(Time),
            });
        }
    }
    Some(state)
}

/// The engine's id with its scheme, as Kubernetes writes it.
fn container_id(container: &Container) -> String {
    format!("docker://{}", container.id)
}
