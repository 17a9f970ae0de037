//! Which ended Jobs of a CronJob are kept: the last of those that succeeded, and the last of those that failed.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#jobs-history-limits>

use k8s_openapi::api::batch::v1::{CronJob, Job};

use crate::api::{Object, Plan};
use crate::controllers::job;

/// Deletes the Jobs that are more than the limits.
pub fn prune(cron: &CronJob, jobs: &[&Job], plan: &mut Plan) {
    let limits = [
        ("Complete", cron.spec.successful_jobs_history_limit.unwrap_or(3)),
        ("Failed", cron.spec.failed_jobs_history_limit.unwrap_or(1)),
    ];
    for (end, limit) in limits {
        let ended = jobs.iter().filter(|j| !j.is_deleting() && job::end(j).is_some_and(|(e, _)| e == end));
        let mut ended: Vec<&&Job> = ended.collect();
        ended.sort_by_key(|j| (j.status.as_ref().and_then(|s| s.start_time.clone()), j.name()));
        let surplus = ended.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
        for job in &ended[..surplus] {
            plan.delete(**job, format!("{limit} of those that ended so are kept"));
            plan.event(cron, "SuccessfulDelete", format!("Deleted job {}", job.name()));
        }
    }
}
