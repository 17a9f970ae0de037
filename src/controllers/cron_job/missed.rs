//! Which time of the schedule is due, and how many were missed, counted as Kubernetes does.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#job-creation>

use jiff::SignedDuration;
use k8s_openapi::api::batch::v1::CronJob;

use crate::api::Timestamp;
use crate::api::schedule::Schedule;

/// More missed times than so many are worth a warning.
const MANY: i64 = 100;

/// What is due.
pub struct Missed {
    /// The last time that has come since the last run, if one has.
    pub due: Option<Timestamp>,
    /// Whether suspiciously many have.
    pub many: bool,
}

/// Looks for times since the last run, or since the CronJob was made: it never runs because it is applied. What is older
/// than the starting deadline has passed.
pub fn look(cron: &CronJob, schedule: &Schedule, now: Timestamp) -> Missed {
    let none = Missed { due: None, many: false };
    let last = cron.status.as_ref().and_then(|s| s.last_schedule_time.as_ref());
    let Some(mut earliest) = last.or(cron.metadata.creation_timestamp.as_ref()).map(|t| t.0) else { return none };
    if let Some(seconds) = cron.spec.starting_deadline_seconds {
        let deadline = now.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(earliest);
        earliest = earliest.max(deadline);
    }
    let Some(first) = schedule.next(earliest).filter(|first| *first <= now) else { return none };
    let Some(second) = schedule.next(first).filter(|second| *second <= now) else {
        return Missed { due: Some(first), many: false };
    };
    // About how many: enough to begin the search for the last one close to it.
    let between = second.duration_since(first).as_secs().max(1);
    let count = now.duration_since(first).as_secs() / between + 1;
    let mut due = second;
    let near = first.checked_add(SignedDuration::from_secs((count - 2).max(0) * between));
    let mut at = near.ok().filter(|near| *near <= now).unwrap_or(second);
    while let Some(next) = schedule.next(at).filter(|next| *next <= now) {
        due = due.max(next);
        at = next;
    }
    Missed { due: Some(due), many: count > MANY }
}
