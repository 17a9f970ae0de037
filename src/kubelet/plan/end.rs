//! Ends containers: their hooks first, sidecars last and in reverse, all within the grace.
//! <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination-flow>

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::super::actions::{Kill, PodActions, PreStop};
use super::super::errand::Errand;
use super::super::policy::{deadline, declared, pre_stop, sidecars};
use super::super::runtime::Container;
use super::{Round, remove};
use crate::api::Timestamp;

/// Seconds that a container has at the least between the request to end and its end, whatever its hook took of the grace.
const LEAST: i64 = 2;

impl Round<'_> {
    /// The pod was deleted: ends all containers, removes everything, and lets the pod go.
    pub(super) fn end(self, actions: &mut PodActions) {
        let why = "the pod is deleted";
        if self.observed.all().any(|c| c.running_since().is_some())
            && let Some(until) = self.hold.filter(|until| *until > self.now)
        {
            return actions.wake_at(until);
        }
        if self.end_all(why, actions) {
            return;
        }
        let all = self.observed.all().chain(&self.observed.sandboxes);
        actions.remove = all.map(|c| remove(c, why)).collect();
        if actions.remove.is_empty() {
            actions.finish = Some("nothing runs any more".to_owned());
        }
    }

    /// The pod is over: its containers end and stay for their logs, its sandbox need not run.
    pub(super) fn rest(self, why: &str, actions: &mut PodActions) {
        if self.end_all(why, actions) {
            return;
        }
        let running = self.observed.sandboxes.iter().filter(|c| c.running_since().is_some());
        for sandbox in running.filter(|c| !self.errands.contains_key(&c.id)) {
            actions.kill.push(kill(sandbox, 1, why));
        }
    }

    /// Ends containers that run in the pod and joined an earlier sandbox.
    pub(super) fn expel(self, sandbox: &Container, actions: &mut PodActions) -> bool {
        let stale: Vec<_> =
            self.observed.all().filter(|c| c.running_since().is_some() && !sandbox.has_member(c)).collect();
        for container in &stale {
            self.end_one(container, deadline(self.pod, None, self.now), "its sandbox is gone", false, actions);
        }
        !stale.is_empty()
    }

    /// Ends all that runs; true while something still does.
    pub(super) fn end_all(self, why: &str, actions: &mut PodActions) -> bool {
        let until = deadline(self.pod, None, self.now);
        let last: BTreeSet<&str> = sidecars(self.pod).map(|c| c.name.as_str()).collect();
        let running = |c: &&Container| c.running_since().is_some();
        let mut any = false;
        for container in self.observed.all().filter(running).filter(|c| !last.contains(c.role())) {
            self.end_one(container, until, why, false, actions);
            any = true;
        }
        for sidecar in sidecars(self.pod).rev() {
            let before = any;
            for container in self.observed.containers.get(&sidecar.name).into_iter().flatten().filter(running) {
                self.end_one(container, until, why, before, actions);
                any = true;
            }
        }
        any
    }

    /// Takes the next step to the end of a running container: its hook, then, once it `waits` for no other any more or
    /// time is up, the request to end.
    pub(super) fn end_one(
        self,
        container: &Container,
        until: Timestamp,
        why: &str,
        waits: bool,
        actions: &mut PodActions,
    ) {
        let errand = self.errands.get(&container.id);
        let until = errand.and_then(Errand::ends).map_or(until, |promised| until.min(promised));
        match errand {
            Some(Errand::PreStop { .. }) if until > self.now => return actions.wake_at(until),
            Some(Errand::Stop { until: forced }) if !self.is_sooner(until, *forced) => return,
            Some(Errand::PreStop { .. } | Errand::PreStopped { .. } | Errand::Stop { .. }) => {}
            _ if until > self.now && self.has_pre_stop(container) => {
                let (id, name) = (container.id.clone(), container.role().to_owned());
                let (grace, why) = (self.left(until), why.to_owned());
                return actions.pre_stop.push(PreStop { id, name, until, grace, why });
            }
            _ => {}
        }
        if waits && until > self.now {
            return actions.wake_at(until);
        }
        actions.kill.push(kill(container, self.left(until).max(LEAST), why));
    }

    fn has_pre_stop(self, container: &Container) -> bool {
        declared(self.pod, container.role()).is_some_and(|c| pre_stop(&c).is_some())
    }

    /// Whether a container that is to have ended at `until` would be ended by force a good deal later. Graces are whole
    /// seconds, so a little later is what was meant.
    fn is_sooner(self, until: Timestamp, forced: Timestamp) -> bool {
        let least = self.now.saturating_add(SignedDuration::from_secs(LEAST)).unwrap_or(until);
        forced.duration_since(until.max(least)) > SignedDuration::from_secs(2)
    }

    /// Seconds until then. A deletion's time stamp has whole seconds, so a part of one counts as a whole.
    fn left(self, until: Timestamp) -> i64 {
        ((until.as_millisecond() - self.now.as_millisecond() + 999) / 1000).max(0)
    }
}

fn kill(container: &Container, grace: i64, why: &str) -> Kill {
    Kill { id: container.id.clone(), name: container.role().to_owned(), grace, why: why.to_owned() }
}
