//! The end of a Job: its conditions, and its removal a while after.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions>

use jiff::SignedDuration;
use k8s_openapi::api::batch::v1::{Job, JobCondition, JobSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::{Round, end, is_suspended};
use crate::api::{Action, Object, Plan, Timestamp, conditions};

impl Round<'_> {
    /// Writes down what was decided; once nothing runs any more and all is counted, that the Job has ended so.
    pub(super) fn conclude(&mut self, plan: &mut Plan) {
        self.status.terminating = Some(self.terminating());
        let Some(verdict) = self.verdict.clone() else { return self.pause(plan) };
        let (target, end) = if verdict.good { ("SuccessCriteriaMet", "Complete") } else { ("FailureTarget", "Failed") };
        self.set(target, "True", &verdict.reason, &verdict.message);
        let uncounted = self.status.uncounted_terminated_pods.clone().unwrap_or_default();
        let counted = uncounted.succeeded.is_none() && uncounted.failed.is_none();
        let held = self.pods.iter().any(|p| super::pods::is_tracked(p));
        if self.terminating() > 0 || !self.active.is_empty() || self.created > 0 || !counted || held {
            return;
        }
        self.set(end, "True", &verdict.reason, &verdict.message);
        if verdict.good {
            self.status.completion_time = Some(Time(self.now));
            plan.event(self.job, "Completed", "Job completed");
        } else {
            plan.warn(self.job, &verdict.reason, verdict.message);
        }
    }

    /// Tells that the Job is suspended, or that it goes on.
    fn pause(&mut self, plan: &mut Plan) {
        let was = self.has_condition("Suspended");
        if is_suspended(self.spec) {
            self.set("Suspended", "True", "JobSuspended", "Job suspended");
            if !was {
                plan.event(self.job, "Suspended", "Job suspended");
            }
        } else if was {
            self.set("Suspended", "False", "JobResumed", "Job resumed");
            plan.event(self.job, "Resumed", "Job resumed");
        }
    }

    fn set(&mut self, kind: &str, status: &str, reason: &str, message: &str) {
        let all = self.status.conditions.get_or_insert_default();
        if all.iter().any(|c| c.type_ == kind && c.status == status) {
            return;
        }
        let condition = JobCondition {
            type_: kind.to_owned(),
            status: status.to_owned(),
            reason: Some(reason.to_owned()),
            message: Some(message.to_owned()),
            last_probe_time: Some(Time(self.now)),
            last_transition_time: None,
        };
        conditions::set(all, condition, self.now);
    }
}

/// Deletes a Job that has ended when its time is over, its pods first.
/// <https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/>
pub fn expire(job: &Job, spec: &JobSpec, now: Timestamp, plan: &mut Plan) {
    let seconds = spec.ttl_seconds_after_finished.map(|s| SignedDuration::from_secs(s.into()));
    let Some(until) = seconds.and_then(|s| end(job)?.1.checked_add(s).ok()) else { return };
    if until > now {
        return plan.wake_at(until);
    }
    let delete = Action::Delete { key: job.key(), uid: job.uid().to_owned(), grace: None, foreground: true };
    plan.push(
        delete,
        format!(
            "it ended {} seconds ago",
            now.duration_since(until).as_secs() + spec.ttl_seconds_after_finished.map_or(0, i64::from)
        ),
    );
}
