//! What a Job means where it says nothing.

use std::collections::BTreeMap;

use k8s_openapi::api::batch::v1::{Job, JobSpec, PodFailurePolicy};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::{pod_template, text};
use crate::api::Object;
use crate::api::names::job;

/// One pod that has to succeed, within six failures. As the API server does, the Job's uid becomes a label of its pods and
/// the selector, unless the selector is the user's. <https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-selector>
pub fn job(job: &mut Job) {
    let (name, uid) = (job.name().to_owned(), job.uid().to_owned());
    let Some(spec) = &mut job.spec else { return };
    pod_template::template(&mut spec.template);
    if job.metadata.labels.as_ref().is_none_or(BTreeMap::is_empty) {
        job.metadata.labels = spec.template.metadata.as_ref().and_then(|m| m.labels.clone());
    }
    numbers(spec);
    text(&mut spec.completion_mode, "NonIndexed");
    spec.suspend.get_or_insert(false);
    spec.manual_selector.get_or_insert(false);
    let replaces = if spec.pod_failure_policy.is_some() { "Failed" } else { "TerminatingOrFailed" };
    text(&mut spec.pod_replacement_policy, replaces);
    spec.pod_failure_policy.iter_mut().for_each(conditions);
    if spec.manual_selector == Some(false) && spec.selector.is_none() && !uid.is_empty() {
        let labels = spec.template.metadata.get_or_insert_default().labels.get_or_insert_default();
        for (label, value) in [(job::UID, &uid), (job::NAME, &name), (job::LEGACY_UID, &uid), (job::LEGACY_NAME, &name)]
        {
            labels.entry(label.to_owned()).or_insert_with(|| value.clone());
        }
        let pair = (job::UID.to_owned(), uid);
        spec.selector = Some(LabelSelector { match_labels: Some([pair].into()), match_expressions: None });
    }
}

fn numbers(spec: &mut JobSpec) {
    if spec.completions.is_none() && spec.parallelism.is_none() {
        spec.completions = Some(1);
    }
    spec.parallelism.get_or_insert(1);
    // Where each index has its own limit there is none for all of them, unless it is set.
    let limit = if spec.backoff_limit_per_index.is_some() { i32::MAX } else { 6 };
    spec.backoff_limit.get_or_insert(limit);
}

fn conditions(policy: &mut PodFailurePolicy) {
    for pattern in policy.rules.iter_mut().flat_map(|r| r.on_pod_conditions.iter_mut().flatten()) {
        text(&mut pattern.status, "True");
    }
}
