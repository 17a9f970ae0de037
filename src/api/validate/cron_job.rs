//! What Kubernetes refuses in a CronJob.

use k8s_openapi::api::batch::v1::{CronJob, CronJobSpec};

use super::field::{invalid, not_negative, one_of};
use super::{job, meta, name};
use crate::api::schedule::{Schedule, zone};
use crate::api::{Object, Problem};

/// A Job's name is that of its CronJob with eleven more characters, and has to be fit for a label.
const LONGEST: usize = 52;

/// The problems of a cron job.
pub fn cron_job(cron_job: &CronJob, _: Option<&CronJob>) -> Vec<Problem> {
    let mut problems = meta::meta(&cron_job.metadata, name::subdomain);
    if cron_job.name().len() > LONGEST {
        problems.push(invalid("metadata.name", cron_job.name(), &format!("must be no more than {LONGEST} characters")));
    }
    let spec = &cron_job.spec;
    problems.extend(when(spec));
    let policies = ["Allow", "Forbid", "Replace"];
    problems.extend(one_of("spec.concurrencyPolicy", spec.concurrency_policy.as_deref(), &policies));
    problems.extend(not_negative("spec.startingDeadlineSeconds", spec.starting_deadline_seconds));
    problems.extend(not_negative("spec.successfulJobsHistoryLimit", spec.successful_jobs_history_limit));
    problems.extend(not_negative("spec.failedJobsHistoryLimit", spec.failed_jobs_history_limit));
    problems.extend(template(spec));
    problems
}

fn when(spec: &CronJobSpec) -> Vec<Problem> {
    let mut problems = Vec::new();
    if spec.schedule.is_empty() {
        problems.push(Problem::required("spec.schedule", ""));
    } else if spec.schedule.contains("TZ") {
        let why = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        problems.push(invalid("spec.schedule", &spec.schedule, why));
    } else if let Err(why) = Schedule::parse(&spec.schedule, None) {
        problems.push(invalid("spec.schedule", &spec.schedule, &why));
    }
    match spec.time_zone.as_deref() {
        None => {}
        Some("") => problems.push(invalid("spec.timeZone", "", "timeZone must be nil or non-empty string")),
        Some(local) if local.eq_ignore_ascii_case("local") => {
            let why = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
            problems.push(invalid("spec.timeZone", local, why));
        }
        Some(name) => problems.extend(zone(name).err().map(|why| invalid("spec.timeZone", name, &why))),
    }
    problems
}

fn template(spec: &CronJobSpec) -> Vec<Problem> {
    let Some(job) = &spec.job_template.spec else {
        return vec![Problem::required("spec.jobTemplate.spec", "")];
    };
    let mut problems = job::spec_of("spec.jobTemplate.spec", job);
    let metadata = spec.job_template.metadata.iter();
    problems.extend(metadata.flat_map(|m| meta::attached("spec.jobTemplate.metadata", m)));
    if job.selector.is_some() {
        problems.push(Problem::invalid("spec.jobTemplate.spec.selector", "`selector` will be auto-generated"));
    }
    if job.manual_selector == Some(true) {
        let supported = ["nil", "false"];
        problems.push(Problem::not_supported("spec.jobTemplate.spec.manualSelector", "true", &supported));
    }
    problems
}
