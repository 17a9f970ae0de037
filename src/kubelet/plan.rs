//! Decides what to do for a pod: Kubernetes' `computePodActions`.
//! <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kuberuntime/kuberuntime_manager.go>

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container as Declared, Pod};

use super::actions::{Kill, PodActions, Remove, Start, Waiting};
use super::backoff::Memory;
use super::observe::Observed;
use super::policy::{Restart, app_containers, container_hash, grace, init_containers, is_terminal, last_status};
use super::probes::Health;
use super::runtime::{Container, State};
use crate::api::{Object, Timestamp};

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
        round.rest(&mut actions);
    } else if let Some(sandbox) = round.observed.sound_sandbox() {
        round.tidy(&mut actions);
        if round.expel(sandbox, &mut actions) {
            return actions;
        }
        if round.initialize(sandbox, &mut actions) {
            for container in app_containers(round.pod) {
                round.keep(sandbox, container, &mut actions);
            }
        }
    } else {
        round.found(&mut actions);
    }
    actions
}

/// Whether the containers of the sandbox may be, or once were, started: all init containers have succeeded.
#[must_use]
pub fn is_initialized(pod: &Pod, observed: &Observed) -> bool {
    let Some(sandbox) = observed.sandbox() else { return init_containers(pod).is_empty() };
    let in_place = |name: &str| observed.newest(name).filter(|c| sandbox.has_member(c));
    app_containers(pod).iter().any(|c| in_place(&c.name).is_some())
        || init_containers(pod).iter().all(|c| in_place(&c.name).is_some_and(|c| exit_code(c) == Some(0)))
}

impl Round<'_> {
    /// The pod was deleted: ends all containers, removes everything, and lets the pod go.
    fn end(self, actions: &mut PodActions) {
        let grace = grace(self.pod, self.now);
        let running = self.observed.all().filter(|c| c.running_since().is_some());
        actions.kill = running.map(|c| kill(c, grace, "the pod is deleted")).collect();
        if !actions.kill.is_empty() {
            if let Some(until) = self.hold.filter(|until| *until > self.now) {
                actions.kill.clear();
                actions.wake_at(until);
            }
            return;
        }
        let all = self.observed.all().chain(&self.observed.sandboxes);
        actions.remove = all.map(|c| remove(c, "the pod is deleted")).collect();
        if actions.remove.is_empty() {
            actions.finish = Some("nothing runs any more".to_owned());
        }
    }

    /// The pod has succeeded or failed: its containers stay for their logs, its sandbox need not run.
    fn rest(self, actions: &mut PodActions) {
        let running = self.observed.all().filter(|c| c.running_since().is_some());
        let why = "the pod has ended";
        actions.kill = running.map(|c| kill(c, grace(self.pod, self.now), why)).collect();
        if actions.kill.is_empty() {
            let running = self.observed.sandboxes.iter().filter(|c| c.running_since().is_some());
            actions.kill = running.map(|c| kill(c, 1, why)).collect();
        }
    }

    /// There is no sandbox to run in: ends what is cut off, removes the old sandbox, creates a new one.
    fn found(self, actions: &mut PodActions) {
        if !self.has_work() {
            return;
        }
        let why = "its sandbox is gone";
        let running = self.observed.all().filter(|c| c.running_since().is_some());
        actions.kill = running.map(|c| kill(c, grace(self.pod, self.now), why)).collect();
        if !actions.kill.is_empty() {
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

    /// Whether a new sandbox would have anything to run.
    fn has_work(self) -> bool {
        let init = Restart::of_init(self.pod);
        let failed = |c: &Declared| self.ended(&c.name).is_some_and(|code| code != 0 && !init.again(code));
        let policy = Restart::of(self.pod);
        let wanted = |c: &Declared| self.ended(&c.name).is_none_or(|code| policy.again(code));
        !init_containers(self.pod).iter().any(failed) && app_containers(self.pod).iter().any(wanted)
    }

    /// The code with which a container ended last, if it is not running and not yet to be started for the first time.
    fn ended(self, name: &str) -> Option<i64> {
        match self.observed.newest(name) {
            Some(container) => exit_code(container),
            None => last_status(self.pod, name)?.state.as_ref()?.terminated.as_ref().map(|t| i64::from(t.exit_code)),
        }
    }

    /// Ends containers that run in the pod and joined an earlier sandbox.
    fn expel(self, sandbox: &Container, actions: &mut PodActions) -> bool {
        let stale = self.observed.all().filter(|c| c.running_since().is_some() && !sandbox.has_member(c));
        actions.kill = stale.map(|c| kill(c, grace(self.pod, self.now), "its sandbox is gone")).collect();
        !actions.kill.is_empty()
    }

    /// Removes what no log is read of: all but the newest, and the newest dead one behind a running one.
    fn tidy(self, actions: &mut PodActions) {
        for containers in self.observed.containers.values() {
            let stillborn = containers.iter().filter(|c| c.is_stillborn());
            actions.remove.extend(stillborn.map(|c| remove(c, "it never ran")));
            let dead = containers.iter().filter(|c| matches!(c.state, State::Exited { started: Some(_), .. })).skip(1);
            actions.remove.extend(dead.map(|c| remove(c, "a later one has ended too")));
        }
        let earlier = self.observed.sandboxes.iter().skip(1);
        actions.remove.extend(earlier.map(|c| remove(c, "there is a newer one")));
    }

    /// Brings the init containers on, one after another; true once all have succeeded.
    fn initialize(self, sandbox: &Container, actions: &mut PodActions) -> bool {
        if is_initialized(self.pod, self.observed) {
            return true;
        }
        for container in init_containers(self.pod) {
            let name = &container.name;
            match self.observed.newest(name).filter(|c| sandbox.has_member(c)).map(|c| &c.state) {
                Some(State::Exited { code: 0, .. }) => {}
                Some(State::Exited { code, finished, .. }) => {
                    if Restart::of_init(self.pod).again(*code) {
                        self.restart(name, true, *code, *finished, actions);
                    }
                    return false;
                }
                Some(_) => return false,
                None => {
                    self.start(name, true, None, "it is its turn", actions);
                    return false;
                }
            }
        }
        true
    }

    /// Keeps one app container as it is declared.
    fn keep(self, sandbox: &Container, declared: &Declared, actions: &mut PodActions) {
        let (name, policy) = (&declared.name, Restart::of(self.pod));
        let Some(container) = self.observed.newest(name) else {
            return match self.ended(name) {
                Some(code) if !policy.again(code) => {}
                _ => self.start(name, false, None, "it is not there", actions),
            };
        };
        match &container.state {
            State::Running { .. } => {
                if let Some(why) = self.fault(container, declared) {
                    actions.kill.push(kill(container, grace(self.pod, self.now), &why));
                }
            }
            State::Exited { code, .. } if !policy.again(*code) => {}
            State::Exited { .. } if !sandbox.has_member(container) => {
                self.start(name, false, None, "its sandbox is new", actions);
            }
            State::Exited { code, finished, .. } => self.restart(name, false, *code, *finished, actions),
            State::Created => {}
        }
    }

    /// Why a running container can't stay, in Kubernetes' words.
    fn fault(self, container: &Container, declared: &Declared) -> Option<String> {
        let name = &declared.name;
        if container.labels.get(crate::api::names::container::HASH) != Some(&container_hash(declared)) {
            return Some(format!("Container {name} definition changed, will be restarted"));
        }
        let failed = self.health.get(name)?.failed.as_ref()?;
        Some(format!("Container {name} {failed}, will be restarted"))
    }

    /// Starts a container that ended, when its back-off is over.
    fn restart(self, name: &str, init: bool, code: i64, finished: Timestamp, actions: &mut PodActions) {
        match self.memory.crash_wait(name, finished).filter(|(until, _)| *until > self.now) {
            None => self.start(name, init, Some(finished), &format!("it ended with code {code}"), actions),
            Some((until, wait)) => {
                let (pod, wait) = (pod_name(self.pod), human(wait.as_secs()));
                let message = format!("back-off {wait} restarting failed container={name} pod={pod}");
                actions.waiting.insert(name.to_owned(), Waiting { reason: "CrashLoopBackOff".to_owned(), message });
                actions.wake_at(until);
            }
        }
    }

    /// Starts a container, unless it could not be started a moment ago.
    fn start(self, name: &str, init: bool, crashed: Option<Timestamp>, why: &str, actions: &mut PodActions) {
        // An empty name stands for what keeps the pod as a whole from starting, such as its volumes.
        for failure in ["", name].iter().filter_map(|who| self.memory.failures.get(*who)) {
            // Also while it is tried again: until then it is the last that is known.
            actions.waiting.insert(name.to_owned(), failure.waiting());
            if failure.retry > self.now {
                return actions.wake_at(failure.retry);
            }
        }
        let attempt = self.next_attempt(name);
        actions.start.push(Start { name: name.to_owned(), init, attempt, crashed, why: why.to_owned() });
    }

    /// One more than what the engine has, or had when the API was last told.
    fn next_attempt(self, name: &str) -> u32 {
        let observed = self.observed.newest(name).map_or(0, |c| c.attempt() + 1);
        let told = last_status(self.pod, name).filter(|s| s.container_id.is_some());
        observed.max(told.map_or(0, |s| u32::try_from(s.restart_count).unwrap_or_default() + 1))
    }
}

/// The code with which a container ended.
fn exit_code(container: &Container) -> Option<i64> {
    match container.state {
        State::Exited { code, .. } => Some(code),
        _ => None,
    }
}

fn kill(container: &Container, grace: i64, why: &str) -> Kill {
    Kill { id: container.id.clone(), name: container.role().to_owned(), grace, why: why.to_owned() }
}

fn remove(container: &Container, why: &str) -> Remove {
    Remove { id: container.id.clone(), name: container.name.clone(), why: why.to_owned() }
}

/// A pod as the kubelet's messages name it: `web-0_shop(UID)`.
#[must_use]
pub fn pod_name(pod: &Pod) -> String {
    format!("{}_{}({})", pod.name(), pod.namespace(), pod.uid())
}

/// A duration as Go writes it: `10s`, `1m20s`.
fn human(seconds: i64) -> String {
    if seconds < 60 { format!("{seconds}s") } else { format!("{}m{}s", seconds / 60, seconds % 60) }
}

#[cfg(test)]
mod tests;
