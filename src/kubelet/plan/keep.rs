//! Keeps containers as they are declared: starts, restarts, and ends those that can't stay.

use k8s_openapi::api::core::v1::{Container as Declared, Probe};

use super::super::actions::{PodActions, Role, Start, Waiting};
use super::super::errand::Errand;
use super::super::policy::{
    again, app_containers, container_hash, deadline, ephemeral_containers, last_status, post_start,
};
use super::super::runtime::{Container, State};
use super::resize::needs_restart;
use super::{Round, pod_name};
use crate::api::Timestamp;

impl Round<'_> {
    /// Keeps the app containers. They start in order, and none before the postStart hooks of those before it are over:
    /// programs rely on that to wait for another one.
    pub(super) fn keep_apps(self, sandbox: &Container, actions: &mut PodActions) {
        let mut held = false;
        for declared in app_containers(self.pod) {
            let before = actions.start.len();
            self.keep(sandbox, declared, Role::App, held, actions);
            let id = self.observed.newest(&declared.name).map(|c| c.id.as_str()).unwrap_or_default();
            held |= actions.start.len() > before && post_start(declared).is_some();
            held |= self.errands.get(id) == Some(&Errand::PostStart);
        }
    }

    /// Starts ephemeral containers, each once.
    pub(super) fn add_ephemeral(self, actions: &mut PodActions) {
        for ephemeral in ephemeral_containers(self.pod) {
            if self.observed.newest(&ephemeral.name).is_none() && self.ended(&ephemeral.name).is_none() {
                self.start(&ephemeral.name, Role::Ephemeral, None, "it was added", actions);
            }
        }
    }

    /// Keeps one container; while it is `held`, it is not started.
    pub(super) fn keep(
        self,
        sandbox: &Container,
        declared: &Declared,
        role: Role,
        held: bool,
        actions: &mut PodActions,
    ) {
        let name = &declared.name;
        let Some(container) = self.observed.newest(name) else {
            return match self.ended(name) {
                Some(code) if !again(self.pod, declared, code) => {}
                _ if held => {}
                _ => self.start(name, role, None, "it is not there", actions),
            };
        };
        match &container.state {
            State::Running { .. } => self.mend(container, declared, actions),
            State::Exited { code, .. } if held || !again(self.pod, declared, *code) => {}
            State::Exited { .. } if !sandbox.has_member(container) => {
                self.start(name, role, None, "its sandbox is new", actions);
            }
            State::Exited { .. } => self.restart(container, role, actions),
            State::Created => {}
        }
    }

    /// Ends a running container that can't stay, and fits the limits of one that can.
    pub(super) fn mend(self, container: &Container, declared: &Declared, actions: &mut PodActions) {
        match self.fault(container, declared) {
            Some((why, grace)) => {
                self.end_one(container, deadline(self.pod, grace, self.now), &why, false, actions);
            }
            None => self.resize(container, declared, actions),
        }
    }

    /// Why a running container can't stay, in Kubernetes' words, and its grace in seconds if that is its own.
    fn fault(self, container: &Container, declared: &Declared) -> Option<(String, Option<i64>)> {
        let name = &declared.name;
        match self.errands.get(&container.id) {
            Some(Errand::PostStartFailed(_)) => return Some(("FailedPostStartHook".to_owned(), None)),
            // It may be well again by now, but it was told to end.
            Some(errand) if errand.ends().is_some() => return Some(("it is on its way out".to_owned(), None)),
            _ => {}
        }
        if container.labels.get(crate::api::names::container::HASH) != Some(&container_hash(declared)) {
            return Some((format!("Container {name} definition changed, will be restarted"), None));
        }
        if needs_restart(container, declared) {
            return Some((format!("Container {name} resize requires restart"), None));
        }
        let failed = self.health.get(name)?.failed.as_ref()?;
        let grace = |probe: &Option<Probe>| probe.as_ref()?.termination_grace_period_seconds;
        let startup = failed.contains("startup");
        let own = if startup { grace(&declared.startup_probe) } else { grace(&declared.liveness_probe) };
        Some((format!("Container {name} {failed}, will be restarted"), own))
    }

    /// Starts a container that ended, when its back-off is over.
    pub(super) fn restart(self, container: &Container, role: Role, actions: &mut PodActions) {
        let State::Exited { started, finished, code, error, .. } = &container.state else { return };
        let name = container.role();
        match self.memory.crash_wait(name, *finished).filter(|(until, _)| *until > self.now) {
            None => self.start(name, role, Some(*finished), &format!("it ended with code {code}"), actions),
            Some((until, wait)) => {
                let (pod, wait) = (pod_name(self.pod), human(wait.as_secs()));
                let waiting = if started.is_none() {
                    // It says more than that it is tried again.
                    Waiting { reason: "RunContainerError".to_owned(), message: error.clone() }
                } else {
                    let message = format!("back-off {wait} restarting failed container={name} pod={pod}");
                    Waiting { reason: "CrashLoopBackOff".to_owned(), message }
                };
                actions.waiting.insert(name.to_owned(), waiting);
                actions.wake_at(until);
            }
        }
    }

    /// Starts a container, unless it could not be started a moment ago.
    pub(super) fn start(self, name: &str, role: Role, crashed: Option<Timestamp>, why: &str, actions: &mut PodActions) {
        // An empty name stands for what keeps the pod as a whole from starting, such as its volumes.
        for failure in ["", name].iter().filter_map(|who| self.memory.failures.get(*who)) {
            // Also while it is tried again: until then it is the last that is known.
            actions.waiting.insert(name.to_owned(), failure.waiting());
            if failure.retry > self.now {
                return actions.wake_at(failure.retry);
            }
        }
        let attempt = self.next_attempt(name);
        actions.start.push(Start { name: name.to_owned(), role, attempt, crashed, why: why.to_owned() });
    }

    /// One more than what the engine has, or had when the API was last told.
    fn next_attempt(self, name: &str) -> u32 {
        let observed = self.observed.newest(name).map_or(0, |c| c.attempt() + 1);
        let told = last_status(self.pod, name).filter(|s| s.container_id.is_some());
        observed.max(told.map_or(0, |s| u32::try_from(s.restart_count).unwrap_or_default() + 1))
    }
}

/// A duration as Go writes it: `10s`, `1m20s`.
fn human(seconds: i64) -> String {
    if seconds < 60 { format!("{seconds}s") } else { format!("{}m{}s", seconds / 60, seconds % 60) }
}
