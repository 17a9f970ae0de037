//! Translates one container of a pod to its status. <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states>

use k8s_openapi::api::core::v1::{
    Container as Declared, ContainerState, ContainerStateRunning, ContainerStateTerminated, ContainerStateWaiting,
    ContainerStatus,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::actions::{PodActions, Waiting};
use super::plan::{Round, is_initialized};
use super::policy::last_status;
use super::runtime::{Container, State};

/// The status of an app container.
#[must_use]
pub fn app(round: Round, actions: &PodActions, declared: &Declared) -> ContainerStatus {
    let running = round.observed.newest(&declared.name).is_some_and(|c| c.running_since().is_some());
    let health = round.health.get(&declared.name);
    let started = running && health.map_or(declared.startup_probe.is_none(), |h| h.started);
    let ready = started && health.map_or(declared.readiness_probe.is_none(), |h| h.ready);
    ContainerStatus { started: Some(started), ready, ..base(round, actions, declared) }
}

/// The status of an init container, which is ready once it has succeeded.
#[must_use]
pub fn init(round: Round, actions: &PodActions, declared: &Declared) -> ContainerStatus {
    let base = base(round, actions, declared);
    let running = base.state.as_ref().is_some_and(|s| s.running.is_some());
    let succeeded = base.state.as_ref().and_then(|s| s.terminated.as_ref()).is_some_and(|t| t.exit_code == 0);
    ContainerStatus { started: Some(running), ready: succeeded, ..base }
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
    let (state, last_state) = match (&newest.state, reason) {
        (State::Exited { .. }, Some(reason)) => (waiting(reason), state(newest)),
        // The one before may have been removed by hand: then the API remembers it.
        _ => (state(newest), containers.next().and_then(state).or_else(|| old?.last_state.clone())),
    };
    ContainerStatus {
        name: name.clone(),
        container_id: Some(container_id(newest)),
        image: newest.image.clone(),
        image_id: newest.image_id.clone(),
        restart_count: i32::try_from(newest.attempt()).unwrap_or(i32::MAX),
        state,
        last_state,
        ..ContainerStatus::default()
    }
}

/// The engine has no container of that name: it is still to come, was removed by hand, or ended long ago.
fn unobserved(round: Round, reason: Option<&Waiting>, declared: &Declared) -> ContainerStatus {
    let old = last_status(round.pod, &declared.name);
    let ended = old.and_then(|s| s.state.as_ref()).filter(|s| s.terminated.is_some());
    let fallback = if is_initialized(round.pod, round.observed) { "ContainerCreating" } else { "PodInitializing" };
    let fallback = Waiting { reason: fallback.to_owned(), message: String::new() };
    let state = match (reason, ended) {
        (None, Some(ended)) => Some(ended.clone()),
        (reason, _) => waiting(reason.unwrap_or(&fallback)),
    };
    ContainerStatus {
        name: declared.name.clone(),
        image: declared.image.clone().unwrap_or_default(),
        container_id: old.and_then(|s| s.container_id.clone()),
        image_id: old.map(|s| s.image_id.clone()).unwrap_or_default(),
        restart_count: old.map_or(0, |s| s.restart_count),
        last_state: old.and_then(|s| s.last_state.clone()),
        state,
        ..ContainerStatus::default()
    }
}

fn waiting(Waiting { reason, message }: &Waiting) -> Option<ContainerState> {
    let message = (!message.is_empty()).then(|| message.clone());
    let waiting = ContainerStateWaiting { reason: Some(reason.clone()), message };
    Some(ContainerState { waiting: Some(waiting), ..ContainerState::default() })
}

fn state(container: &Container) -> Option<ContainerState> {
    let mut state = ContainerState::default();
    match &container.state {
        State::Created => return None,
        State::Running { started } => {
            state.running = Some(ContainerStateRunning { started_at: Some(Time(*started)) });
        }
        State::Exited { started, finished, code, oom, error } => {
            let reason = match code {
                _ if *oom => "OOMKilled",
                0 => "Completed",
                _ => "Error",
            };
            state.terminated = Some(ContainerStateTerminated {
                container_id: Some(container_id(container)),
                exit_code: i32::try_from(*code).unwrap_or(i32::MAX),
                finished_at: Some(Time(*finished)),
                message: (!error.is_empty()).then(|| error.clone()),
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
