//! The Job of one time.

use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::names::job::SCHEDULED;
use crate::api::{Object, Timestamp};

/// The Job's name: its CronJob's, and the minutes since the epoch. So no time has two.
pub fn name(cron: &CronJob, due: Timestamp) -> String {
    format!("{}-{}", cron.name(), due.as_second() / 60)
}

/// The Job, with the time that it is for.
pub fn job(cron: &CronJob, name: &str, due: String) -> Job {
    let template = &cron.spec.job_template;
    let given = template.metadata.clone().unwrap_or_default();
    let mut annotations = given.annotations.unwrap_or_default();
    annotations.insert(SCHEDULED.to_owned(), due);
    Job {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            namespace: cron.metadata.namespace.clone(),
            labels: given.labels,
            annotations: Some(annotations),
            finalizers: given.finalizers,
            owner_references: Some(vec![cron.owner_reference()]),
            ..ObjectMeta::default()
        },
        spec: template.spec.clone(),
        status: None,
    }
}
