//! What Kubernetes refuses in a Job, and in changes to it.

use std::collections::BTreeSet;

use k8s_openapi::api::batch::v1::{Job, JobSpec, SuccessPolicy};
use k8s_openapi::api::core::v1::PodTemplateSpec;

use super::field::{immutable, invalid, not_negative, one_of};
use super::{failure_policy, meta, name, pod_template, selector};
use crate::api::{Object, Problem, indexes};

/// The most pods of a Job with indexes at once, and the most indexes where each has its own limit of failures.
const MOST: i32 = 100_000;

/// The problems of a job.
pub fn job(job: &Job, old: Option<&Job>) -> Vec<Problem> {
    let mut problems = meta::meta(&job.metadata, name::subdomain);
    let Some(spec) = &job.spec else {
        problems.push(Problem::required("spec", ""));
        return problems;
    };
    problems.extend(spec_of("spec", spec));
    // The server makes the selector of a Job once it has given it a uid.
    if !job.uid().is_empty() || spec.manual_selector == Some(true) {
        let given = spec.selector.clone().unwrap_or_default();
        problems.extend(selector::selector("job", &given, Some(&spec.template), None));
    } else if spec.selector.is_some() {
        problems
            .push(Problem::invalid("spec.selector", "`selector` not auto-generated; set manualSelector to give one"));
    }
    problems.extend(indexed_name(job, spec));
    if let Some((old, before)) = old.and_then(|o| Some((o, o.spec.as_ref()?))) {
        problems.extend(change(spec, before, may_move(job, old)));
    }
    problems
}

/// The problems of a Job's specification at `path`, in a Job or in a template for Jobs; its selector aside.
pub fn spec_of(path: &str, spec: &JobSpec) -> Vec<Problem> {
    let at = |field: &str| format!("{path}.{field}");
    let mut problems = Vec::new();
    for (field, value) in [
        ("parallelism", spec.parallelism.map(i64::from)),
        ("completions", spec.completions.map(i64::from)),
        ("activeDeadlineSeconds", spec.active_deadline_seconds),
        ("backoffLimit", spec.backoff_limit.map(i64::from)),
        ("ttlSecondsAfterFinished", spec.ttl_seconds_after_finished.map(i64::from)),
        ("backoffLimitPerIndex", spec.backoff_limit_per_index.map(i64::from)),
        ("maxFailedIndexes", spec.max_failed_indexes.map(i64::from)),
    ] {
        problems.extend(not_negative(&at(field), value));
    }
    problems.extend(one_of(&at("completionMode"), spec.completion_mode.as_deref(), &["NonIndexed", "Indexed"]));
    problems.extend(indexed(path, spec));
    let policies = if spec.pod_failure_policy.is_some() { &["Failed"][..] } else { &["Failed", "TerminatingOrFailed"] };
    problems.extend(one_of(&at("podReplacementPolicy"), spec.pod_replacement_policy.as_deref(), policies));
    problems.extend(spec.success_policy.iter().flat_map(|p| success(&at("successPolicy"), spec, p)));
    problems.extend(failure_policy::policy(&at("podFailurePolicy"), spec));
    let template = &spec.template;
    problems.extend(template.metadata.iter().flat_map(|m| meta::attached(&at("template.metadata"), m)));
    problems.extend(pod_template::spec_of(&at("template.spec"), template.spec.as_ref()));
    problems.extend(restart(path, spec));
    problems
}

/// A pod of a Job has an end.
fn restart(path: &str, spec: &JobSpec) -> Option<Problem> {
    let path = format!("{path}.template.spec.restartPolicy");
    let policy = spec.template.spec.as_ref()?.restart_policy.as_deref()?;
    match policy {
        "Always" => Some(Problem::required(path, "valid values: \"OnFailure\", \"Never\"")),
        "OnFailure" if spec.pod_failure_policy.is_some() => {
            Some(invalid(path, policy, "only \"Never\" is supported when podFailurePolicy is specified"))
        }
        "OnFailure" if spec.backoff_limit_per_index.is_some() => {
            Some(invalid(path, policy, "only \"Never\" is supported when backoffLimitPerIndex is specified"))
        }
        _ => None,
    }
}

fn indexed(path: &str, spec: &JobSpec) -> Vec<Problem> {
    let at = |field: &str| format!("{path}.{field}");
    let mut problems = Vec::new();
    if spec.completion_mode.as_deref() == Some("Indexed") {
        if spec.completions.is_none() {
            problems.push(Problem::required(at("completions"), "when completion mode is Indexed"));
        }
        let most = format!("must be less than or equal to {MOST} when completion mode is Indexed");
        problems.extend(spec.parallelism.filter(|p| *p > MOST).map(|p| invalid(at("parallelism"), p, &most)));
    } else {
        let needs = "requires indexed completion mode";
        problems.extend(spec.backoff_limit_per_index.map(|n| invalid(at("backoffLimitPerIndex"), n, needs)));
        problems.extend(spec.max_failed_indexes.map(|n| invalid(at("maxFailedIndexes"), n, needs)));
        problems.extend(
            spec.success_policy
                .as_ref()
                .map(|_| Problem::invalid(at("successPolicy"), "requires indexed completion mode")),
        );
    }
    if spec.max_failed_indexes.is_some() && spec.backoff_limit_per_index.is_none() {
        problems.push(Problem::required(at("backoffLimitPerIndex"), "when maxFailedIndexes is specified"));
    }
    if let (Some(most), Some(all)) = (spec.max_failed_indexes, spec.completions)
        && most > all
    {
        problems.push(invalid(at("maxFailedIndexes"), most, "must be less than or equal to completions"));
    }
    if spec.backoff_limit_per_index.is_some() {
        let most = format!("must be less than or equal to {MOST} when backoffLimitPerIndex is specified");
        problems.extend(spec.completions.filter(|n| *n > MOST).map(|n| invalid(at("completions"), n, &most)));
    }
    problems
}

/// Each pod's host name, `NAME-INDEX`, has to be one.
fn indexed_name(job: &Job, spec: &JobSpec) -> Vec<Problem> {
    if spec.completion_mode.as_deref() != Some("Indexed") || spec.completions.is_none_or(|c| c < 1) {
        return Vec::new();
    }
    let host = format!("{}-{}", job.name(), spec.completions.unwrap_or(1) - 1);
    let why = format!("will not able to create pod with invalid DNS label: {host}");
    if name::label(&host).is_empty() { vec![] } else { vec![invalid("metadata.name", job.name(), &why)] }
}

fn success(path: &str, spec: &JobSpec, policy: &SuccessPolicy) -> Vec<Problem> {
    let mut problems = Vec::new();
    if policy.rules.is_empty() {
        problems.push(Problem::required(
            format!("{path}.rules"),
            "at least one rules must be specified when the successPolicy is specified",
        ));
    }
    let completions = spec.completions.unwrap_or(0);
    for (i, rule) in policy.rules.iter().enumerate() {
        let path = format!("{path}.rules[{i}]");
        if rule.succeeded_count.is_none() && rule.succeeded_indexes.is_none() {
            problems
                .push(Problem::required(&path, "at least one of succeededCount or succeededIndexes must be specified"));
        }
        let mut most = completions;
        if let Some(text) = &rule.succeeded_indexes {
            let path = format!("{path}.succeededIndexes");
            match indexes::parse(text, completions) {
                Ok(all) => most = i32::try_from(all.len()).unwrap_or(i32::MAX),
                Err(why) => problems.push(invalid(path, text, &format!("error parsing succeededIndexes: {why}"))),
            }
        }
        if let Some(count) = rule.succeeded_count {
            problems.extend(not_negative(&format!("{path}.succeededCount"), Some(count)));
            if count > most {
                let why = format!("must be less than or equal to {most} (the number of indexes that may succeed)");
                problems.push(invalid(format!("{path}.succeededCount"), count, &why));
            }
        }
    }
    problems
}

/// Whether the template's scheduling may change: the Job is suspended, and was from the start.
/// <https://kubernetes.io/docs/concepts/workloads/controllers/job/#mutable-scheduling-directives>
fn may_move(new: &Job, old: &Job) -> bool {
    let suspended = |job: &Job| job.spec.as_ref().is_some_and(|s| s.suspend == Some(true));
    let started = old.status.as_ref().is_some_and(|s| s.start_time.is_some() || s.active.unwrap_or(0) > 0);
    suspended(old) && suspended(new) && !started
}

fn change(new: &JobSpec, old: &JobSpec, may_move: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    // The number of completions of a Job with indexes may follow its parallelism.
    let indexed = new.completion_mode.as_deref() == Some("Indexed");
    let elastic = indexed && new.completions.is_some() && new.completions == new.parallelism;
    if !(elastic && old.completions == old.parallelism) {
        problems.extend(immutable("spec.completions", &new.completions, Some(&old.completions)));
    }
    problems.extend(immutable("spec.selector", &new.selector, Some(&old.selector)));
    let mut template = new.template.clone();
    if may_move {
        directives(&mut template, &old.template);
    }
    if template != old.template {
        problems.push(Problem::invalid(
            "spec.template",
            "field is immutable: delete the Job and apply it again, or give it another name",
        ));
    }
    problems.extend(immutable("spec.completionMode", &new.completion_mode, Some(&old.completion_mode)));
    problems.extend(immutable("spec.podFailurePolicy", &new.pod_failure_policy, Some(&old.pod_failure_policy)));
    problems.extend(immutable("spec.successPolicy", &new.success_policy, Some(&old.success_policy)));
    problems.extend(immutable("spec.managedBy", &new.managed_by, Some(&old.managed_by)));
    let per_index = (&new.backoff_limit_per_index, &old.backoff_limit_per_index);
    problems.extend(immutable("spec.backoffLimitPerIndex", per_index.0, Some(per_index.1)));
    problems
}

/// Takes over what says where a pod runs, and its labels.
fn directives(new: &mut PodTemplateSpec, old: &PodTemplateSpec) {
    new.metadata.clone_from(&old.metadata);
    let (Some(new), Some(old)) = (&mut new.spec, &old.spec) else { return };
    new.node_selector.clone_from(&old.node_selector);
    new.tolerations.clone_from(&old.tolerations);
    new.scheduling_gates.clone_from(&old.scheduling_gates);
    let affinity = old.affinity.as_ref().and_then(|a| a.node_affinity.clone());
    if let Some(new) = &mut new.affinity {
        new.node_affinity = affinity;
    } else if affinity.is_some() {
        new.affinity.get_or_insert_default().node_affinity = affinity;
    }
}

/// The names of a template's containers.
pub(super) fn containers(template: &PodTemplateSpec) -> BTreeSet<&str> {
    let spec = template.spec.iter();
    spec.flat_map(|s| s.containers.iter().chain(s.init_containers.iter().flatten())).map(|c| c.name.as_str()).collect()
}
