//! Decides what to do for a pod: Kubernetes' `computePodActions`.
//! <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kuberuntime/kuberuntime_manager.go>

mod end;
mod init;
mod keep;
mod resize;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container as Declared, Pod};

use super::actions::{PodActions, Remove};
use super::backoff::Memory;
use super::errand::{Errand, Errands};
use super::observe::Observed;
use super::policy::{
    active_until, again, again_init, app_containers, init_containers, is_sidecar, is_terminal, last_status,
};
use super::probes::Health;
use super::runtime::{Container, State};
use super::termination::Messages;
use crate::api::{Object, Timestamp};

pub use resize::{failure_of as resize_failure, key as resize_key};

/// What probes say of a pod's containers, by name.
pub type Healths = BTreeMap<String, Health>;

/// All that a decision about a pod rests on.
#[derive(Clone, Copy)]
pub struct Round<'a> {
    /// The pod as the API has it.
    pub pod: &'a Pod,
    /// What the engine has of it.
    pub observed: &'a Observed,
    /// What its probes say.
    pub health: &'a Healths,
    /// What is under way in its containers.
    pub errands: &'a Errands,
    /// What its containers said as they ended.
    pub messages: &'a Messages,
    /// What failed before.
    pub memory: &'a Memory,
    /// Until when the containers of a deleted pod keep running, as connections are still led to them.
    pub hold: Option<Timestamp>,
    /// The time.
    pub now: Timestamp,
}

/// What to do for the pod now. When that is done it is to be asked again: a decision never looks beyond what the
/// engine has at the moment.
#[must_use]
pub fn compute_pod_actions(round: Round) -> PodActions {
    let mut actions = PodActions::default();
    if round.pod.is_deleting() {
        round.end(&mut actions);
    } else if is_terminal(round.pod) {
        round.rest("the pod has ended", &mut actions);
    } else if round.is_overdue() {
        round.rest("the pod was active for longer than it may be", &mut actions);
    } else {
        round.go_on(&mut actions);
        if let Some(until) = active_until(round.pod) {
            actions.wake_at(until);
        }
    }
    actions
}

impl Round<'_> {
    /// Whether all init containers have done their part: those before the app containers have succeeded, the sidecars
    /// have started. With an app container there that is so, even where init containers were cleaned away.
    #[must_use]
    pub fn is_initialized(self) -> bool {
        let inits = init_containers(self.pod);
        let Some(sandbox) = self.observed.sandbox() else { return inits.is_empty() };
        let in_place = |name: &str| self.observed.newest(name).filter(|c| sandbox.has_member(c));
        let done = |declared: &Declared| {
            let container = in_place(&declared.name);
            container
                .is_some_and(|c| if is_sidecar(declared) { self.is_started(declared) } else { exit_code(c) == Some(0) })
        };
        app_containers(self.pod).iter().any(|c| in_place(&c.name).is_some()) || inits.iter().all(done)
    }

    /// Whether a container runs, its postStart hook is over and its startup probe has passed.
    #[must_use]
    pub fn is_started(self, declared: &Declared) -> bool {
        let running = self.observed.newest(&declared.name).filter(|c| c.running_since().is_some());
        let Some(container) = running else { return false };
        if matches!(self.errands.get(&container.id), Some(Errand::PostStart | Errand::PostStartFailed(_))) {
            return false;
        }
        self.health.get(&declared.name).map_or(declared.startup_probe.is_none(), |h| h.started)
    }

    /// Whether the pod has been active for longer than it may be.
    #[must_use]
    pub fn is_overdue(self) -> bool {
        active_until(self.pod).is_some_and(|until| until <= self.now)
    }

    /// The pod is to run: in a sandbox, its init containers before its app containers.
    fn go_on(self, actions: &mut PodActions) {
        let Some(sandbox) = self.observed.sound_sandbox() else { return self.found(actions) };
        self.tidy(actions);
        if self.expel(sandbox, actions) {
            return;
        }
        self.add_ephemeral(actions);
        if !self.has_work() {
            // What is left are sidecars.
            self.end_all("the app containers have ended", actions);
        } else if self.initialize(sandbox, actions) {
            self.keep_apps(sandbox, actions);
        }
    }

    /// There is no sandbox to run in: ends what is cut off, removes the old sandbox, creates a new one.
    fn found(self, actions: &mut PodActions) {
        let why = "its sandbox is gone";
        if !self.has_work() {
            return;
        }
        if self.end_all(why, actions) {
            return;
        }
        if let Some(failure) = self.memory.failures.get("") {
            let declared = init_containers(self.pod).iter().chain(app_containers(self.pod));
            let never_ran = declared.filter(|c| self.ended(&c.name).is_none());
            actions.waiting = never_ran.map(|c| (c.name.clone(), failure.waiting())).collect();
            if failure.retry > self.now {
                return actions.wake_at(failure.retry);
            }
        }
        actions.remove = self.observed.sandboxes.iter().map(|c| remove(c, "it does not run as it should")).collect();
        self.tidy(actions);
        let first = self.observed.sandboxes.is_empty() && self.observed.containers.is_empty();
        actions.sandbox = Some(if first { "the pod has none" } else { why }.to_owned());
    }

    /// Whether an app container runs, or will once more.
    fn has_work(self) -> bool {
        let failed = |c: &Declared| self.ended(&c.name).is_some_and(|code| code != 0 && !again_init(self.pod, c, code));
        let wanted = |c: &Declared| self.ended(&c.name).is_none_or(|code| again(self.pod, c, code));
        let mut inits = init_containers(self.pod).iter().filter(|c| !is_sidecar(c));
        !inits.any(failed) && app_containers(self.pod).iter().any(wanted)
    }

    /// The code with which a container ended last, if it is not running and not yet to be started for the first time.
    fn ended(self, name: &str) -> Option<i64> {
        match self.observed.newest(name) {
            Some(container) => exit_code(container),
            None => last_status(self.pod, name)?.state.as_ref()?.terminated.as_ref().map(|t| i64::from(t.exit_code)),
        }
    }

    /// Removes what no log is read of: all but the newest, and the newest dead one behind a running one.
    fn tidy(self, actions: &mut PodActions) {
        for containers in self.observed.containers.values() {
            let stillborn = containers.iter().filter(|c| c.is_stillborn());
            actions.remove.extend(stillborn.map(|c| remove(c, "it never ran")));
            let ended = |c: &&Container| matches!(c.state, State::Exited { .. }) && !c.is_stillborn();
            let dead = containers.iter().filter(ended).skip(1);
            actions.remove.extend(dead.map(|c| remove(c, "a later one has ended too")));
        }
        let earlier = self.observed.sandboxes.iter().skip(1);
        actions.remove.extend(earlier.map(|c| remove(c, "there is a newer one")));
    }
}

/// The code with which a container ended.
fn exit_code(container: &Container) -> Option<i64> {
    match container.state {
        State::Exited { code, .. } => Some(code),
        _ => None,
    }
}

fn remove(container: &Container, why: &str) -> Remove {
    Remove { id: container.id.clone(), name: container.name.clone(), why: why.to_owned() }
}

/// A pod as the kubelet's messages name it: `web-0_shop(UID)`.
#[must_use]
pub fn pod_name(pod: &Pod) -> String {
    format!("{}_{}({})", pod.name(), pod.namespace(), pod.uid())
}

#[cfg(test)]
mod tests;
