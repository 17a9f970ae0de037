//! Jobs: pods that run to their end, until as many as asked for have succeeded or too many have failed.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/job/>

mod backoff;
mod count;
mod failure;
mod finish;
mod make;
mod pods;
mod progress;
mod scale;
#[cfg(test)]
mod tests;

use k8s_openapi::api::batch::v1::{Job, JobSpec, JobStatus};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::pod;
use crate::api::{Key, Kind, Object, Plan, Timestamp, View, conditions, indexes};

/// The Jobs that a changed key concerns: itself, or the owner of the pod. Whose a pod was that is gone, nobody knows.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    let kind = Kind::of::<Job>();
    if changed.kind == kind {
        return vec![changed.clone()];
    }
    let pod = view.get::<Pod>(&changed.namespace, &changed.name);
    if let Some(owner) = pod.and_then(Object::controller) {
        return if owner.kind == kind.kind { vec![Key::new(kind, &changed.namespace, &owner.name)] } else { vec![] };
    }
    view.list::<Job>(&changed.namespace).map(Object::key).collect()
}

/// What a Job needs next.
pub fn plan(view: &View, key: &Key, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let job = view.get::<Job>(&key.namespace, &key.name);
    let Some((job, spec)) = job.and_then(|j| Some((j, j.spec.as_ref()?))).filter(|(j, _)| !j.is_deleting()) else {
        pods::let_go(view, key, "its Job is gone", &mut plan);
        return plan;
    };
    if is_finished(job) {
        pods::let_go(view, key, "its Job has ended", &mut plan);
        finish::expire(job, spec, now, &mut plan);
        return plan;
    }
    let mut round = Round::of(view, job, spec, now);
    round.claim(&mut plan);
    round.count(&mut plan);
    round.look(&mut plan);
    if round.verdict.is_some() {
        round.end_all(&mut plan);
    } else {
        round.scale(&mut plan);
    }
    round.conclude(&mut plan);
    round.report(&mut plan);
    plan
}

/// Whether a Job has reached its end, good or bad.
pub(super) fn is_finished(job: &Job) -> bool {
    end(job).is_some()
}

/// How a Job ended: `Complete` or `Failed`, and when.
pub(super) fn end(job: &Job) -> Option<(&str, Timestamp)> {
    let all = job.status.as_ref()?.conditions.as_ref()?;
    let end = all.iter().find(|c| matches!(&*c.type_, "Complete" | "Failed") && c.status == "True")?;
    Some((&end.type_, end.last_transition_time.as_ref().map_or(Timestamp::UNIX_EPOCH, |t| t.0)))
}

/// What one look at a Job rests on, and what it comes to.
struct Round<'a> {
    job: &'a Job,
    spec: &'a JobSpec,
    now: Timestamp,
    view: &'a View,
    /// The Job's pods in the order of their names.
    pods: Vec<&'a Pod>,
    /// The status as it will be.
    status: JobStatus,
    /// The pods that were there, run, and are not on their way out; less those that this round deletes.
    active: Vec<&'a Pod>,
    /// Pods that this round creates, and those that it deletes.
    created: i32,
    deleted: i32,
    /// Indexes that have succeeded, and those that have failed for good.
    succeeded: indexes::Indexes,
    failed: indexes::Indexes,
    /// The condition that the Job ends with, once nothing runs any more.
    verdict: Option<Verdict>,
}

/// Why a Job will end.
#[derive(Clone)]
struct Verdict {
    good: bool,
    reason: String,
    message: String,
}

impl Verdict {
    fn bad(reason: &str, message: impl Into<String>) -> Self {
        Self { good: false, reason: reason.to_owned(), message: message.into() }
    }

    fn good(reason: &str, message: impl Into<String>) -> Self {
        Self { good: true, reason: reason.to_owned(), message: message.into() }
    }
}

impl<'a> Round<'a> {
    fn of(view: &'a View, job: &'a Job, spec: &'a JobSpec, now: Timestamp) -> Self {
        let pods = pods::of(view, job);
        let active = pods.iter().copied().filter(|p| pod::is_active(p)).collect();
        let mut status = job.status.clone().unwrap_or_default();
        // A Job that goes on after it was suspended begins anew as to its deadline.
        let resumed = conditions::is_true(status.conditions.as_ref(), "Suspended");
        if (status.start_time.is_none() || resumed) && !is_suspended(spec) {
            status.start_time = Some(Time(now));
        }
        let indexes = |text: &Option<String>| {
            let text = text.as_deref().unwrap_or_default();
            indexes::parse(text, i32::MAX).unwrap_or_default()
        };
        let (succeeded, failed) = (indexes(&status.completed_indexes), indexes(&status.failed_indexes));
        Self { job, spec, now, view, pods, active, created: 0, deleted: 0, succeeded, failed, verdict: None, status }
    }

    fn is_indexed(&self) -> bool {
        self.spec.completion_mode.as_deref() == Some("Indexed")
    }

    /// Whether pods on their way out are not yet to be replaced, as how they end may matter.
    fn replaces_ended_only(&self) -> bool {
        self.spec.pod_replacement_policy.as_deref() == Some("Failed") || self.spec.pod_failure_policy.is_some()
    }

    /// Pods on their way out that still run, those that this round deletes with them.
    fn terminating(&self) -> i32 {
        number(self.pods.iter().filter(|p| p.is_deleting() && !pods::is_over(p)).count()) + self.deleted
    }

    /// Writes the status, if it is not what it was.
    fn report(&mut self, plan: &mut Plan) {
        let ready = self.active.iter().filter(|p| pod::is_ready(p)).count();
        let new = &mut self.status;
        new.active = some(number(self.active.len()) + self.created);
        new.ready = Some(number(ready));
        if self.job.status.as_ref() != Some(&self.status) {
            plan.update_status(&Job { status: Some(self.status.clone()), ..self.job.clone() }, "");
        }
    }

    fn has_condition(&self, kind: &str) -> bool {
        conditions::is_true(self.status.conditions.as_ref(), kind)
    }
}

fn is_suspended(spec: &JobSpec) -> bool {
    spec.suspend == Some(true)
}

fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// A count as the status has it: 0 is left out.
fn some(count: i32) -> Option<i32> {
    (count != 0).then_some(count)
}
