//! What a CronJob means where it says nothing.

use k8s_openapi::api::batch::v1::CronJob;

use super::{pod_template, text};

/// Runs may overlap; of the Jobs that ended, three that succeeded and one that failed are kept.
pub fn cron_job(cron_job: &mut CronJob) {
    let spec = &mut cron_job.spec;
    text(&mut spec.concurrency_policy, "Allow");
    spec.suspend.get_or_insert(false);
    spec.successful_jobs_history_limit.get_or_insert(3);
    spec.failed_jobs_history_limit.get_or_insert(1);
    if let Some(job) = &mut spec.job_template.spec {
        pod_template::template(&mut job.template);
    }
}
