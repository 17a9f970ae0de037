//! Whether a Job is to end, and why: what its limits, its policies and its pods say.

use jiff::SignedDuration;

use super::failure::Meaning;
use super::{Round, Verdict, is_suspended, number, pods};
use crate::api::{Plan, indexes};
use crate::controllers::pod;

impl Round<'_> {
    /// Looks for a reason to end the Job. One that was found before stays.
    pub(super) fn look(&mut self, plan: &mut Plan) {
        self.fail_indexes();
        self.verdict = self.decided().or_else(|| self.failed_by_policy());
        if self.verdict.is_some() {
            return;
        }
        let (_, failed) = self.counts();
        if failed > self.spec.backoff_limit.unwrap_or(6) || self.restarted_too_often() {
            let why = "Job has reached the specified backoff limit";
            self.verdict = Some(Verdict::bad("BackoffLimitExceeded", why));
        } else if self.is_late(plan) {
            let why = "Job was active longer than specified deadline";
            self.verdict = Some(Verdict::bad("DeadlineExceeded", why));
        } else {
            self.verdict = self.failed_by_indexes().or_else(|| self.satisfied());
        }
    }

    /// What an earlier round decided.
    fn decided(&self) -> Option<Verdict> {
        let conditions = self.status.conditions.as_ref()?;
        let found = conditions
            .iter()
            .find(|c| matches!(&*c.type_, "FailureTarget" | "SuccessCriteriaMet") && c.status == "True")?;
        Some(Verdict {
            good: found.type_ == "SuccessCriteriaMet",
            reason: found.reason.clone().unwrap_or_default(),
            message: found.message.clone().unwrap_or_default(),
        })
    }

    fn failed_by_policy(&self) -> Option<Verdict> {
        self.spec.pod_failure_policy.as_ref()?;
        let failed = self.pods.iter().filter(|p| self.end_of(p) == Some(false));
        let mut fatal = failed.filter_map(|p| match self.meaning(p) {
            Meaning::FailsJob(why) => Some(why),
            _ => None,
        });
        fatal.next().map(|why| Verdict::bad("PodFailurePolicy", why))
    }

    /// Containers that are started again in their pods count too, as long as the pods run.
    fn restarted_too_often(&self) -> bool {
        let policy = self.spec.template.spec.as_ref().and_then(|s| s.restart_policy.as_deref());
        let limit = self.spec.backoff_limit.unwrap_or(6);
        let live = self.pods.iter().filter(|p| !pod::is_finished(p));
        let restarts: i32 = live.flat_map(|p| pods::statuses(p)).map(|c| c.restart_count).sum();
        policy == Some("OnFailure") && restarts > 0 && restarts >= limit
    }

    fn is_late(&self, plan: &mut Plan) -> bool {
        let start = self.status.start_time.as_ref().filter(|_| !is_suspended(self.spec));
        let (Some(seconds), Some(start)) = (self.spec.active_deadline_seconds, start) else { return false };
        let Ok(end) = start.0.checked_add(SignedDuration::from_secs(seconds)) else { return false };
        if end > self.now {
            plan.wake_at(end);
        }
        end <= self.now
    }

    /// The indexes that have used up their failures.
    fn fail_indexes(&mut self) {
        let Some(limit) = self.spec.backoff_limit_per_index else { return };
        for (index, pod) in self.failed_last() {
            let over = match self.meaning(pod) {
                Meaning::Ignored => false,
                Meaning::FailsIndex => true,
                _ => pods::failures(pod).0 >= limit,
            };
            if over {
                self.failed.insert(index);
            }
        }
        self.status.failed_indexes = Some(indexes::text(&self.failed));
    }

    fn failed_by_indexes(&self) -> Option<Verdict> {
        self.spec.backoff_limit_per_index?;
        let failed = number(self.failed.len());
        if self.spec.max_failed_indexes.is_some_and(|most| failed > most) {
            let why = "Job has exceeded the specified maximal number of failed indexes";
            return Some(Verdict::bad("MaxFailedIndexesExceeded", why));
        }
        let through = failed + number(self.succeeded.len()) >= self.spec.completions.unwrap_or(0);
        (failed > 0 && through).then(|| Verdict::bad("FailedIndexes", "Job has failed indexes"))
    }

    /// Whether enough has succeeded: by the success policy while others run, else once nothing runs any more.
    /// <https://kubernetes.io/docs/concepts/workloads/controllers/job/#success-policy>
    fn satisfied(&self) -> Option<Verdict> {
        let completions = self.spec.completions.unwrap_or(0);
        for (index, rule) in self.spec.success_policy.iter().flat_map(|p| &p.rules).enumerate() {
            let among =
                rule.succeeded_indexes.as_ref().map(|text| indexes::parse(text, completions).unwrap_or_default());
            let done = self.succeeded.iter().filter(|i| among.as_ref().is_none_or(|a| a.contains(i))).count();
            let wanted = rule.succeeded_count.or(among.map(|a| number(a.len())));
            if wanted.is_some_and(|wanted| wanted > 0 && number(done) >= wanted) {
                return Some(Verdict::good("SuccessPolicy", format!("Matched rules at index {index}")));
            }
        }
        let (succeeded, _) = self.successes();
        let enough = self.spec.completions.map_or(succeeded > 0, |completions| succeeded >= completions);
        let reached = || Verdict::good("CompletionsReached", "Reached expected number of succeeded pods");
        (enough && self.active.is_empty()).then(reached)
    }

    /// How many have succeeded, and how many indexes can't any more.
    pub(super) fn successes(&self) -> (i32, i32) {
        let succeeded = if self.is_indexed() { number(self.succeeded.len()) } else { self.counts().0 };
        (succeeded, number(self.failed.len()))
    }
}
