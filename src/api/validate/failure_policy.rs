//! What Kubernetes refuses in the rules about the failures of a Job's pods.

use k8s_openapi::api::batch::v1::{JobSpec, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule};

use super::field::{invalid, named};
use super::{job, name};
use crate::api::Problem;

/// The most rules, and the most codes or conditions of one.
const MOST: usize = 20;
const MOST_VALUES: usize = 255;

/// The problems of the `podFailurePolicy` at `path`, if there is one.
pub fn policy(path: &str, spec: &JobSpec) -> Vec<Problem> {
    let Some(policy) = &spec.pod_failure_policy else { return Vec::new() };
    let mut problems = Vec::new();
    if policy.rules.len() > MOST {
        problems.push(Problem::invalid(format!("{path}.rules"), format!("must have at most {MOST} items")));
    }
    for (i, rule) in policy.rules.iter().enumerate() {
        problems.extend(self::rule(&format!("{path}.rules[{i}]"), spec, rule));
    }
    problems
}

fn rule(path: &str, spec: &JobSpec, rule: &PodFailurePolicyRule) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut actions = vec!["Count", "FailIndex", "FailJob", "Ignore"];
    if spec.backoff_limit_per_index.is_none() {
        actions.retain(|a| *a != "FailIndex");
    }
    match rule.action.as_str() {
        "" => problems.push(Problem::required(
            format!("{path}.action"),
            "valid values: \"Count\", \"FailIndex\", \"FailJob\", \"Ignore\"",
        )),
        "FailIndex" if spec.backoff_limit_per_index.is_none() => {
            let why = "requires the backoffLimitPerIndex to be set";
            problems.push(invalid(format!("{path}.action"), "FailIndex", why));
        }
        action if !actions.contains(&action) => {
            problems.push(Problem::not_supported(format!("{path}.action"), action, &actions));
        }
        _ => {}
    }
    let conditions = rule.on_pod_conditions.as_deref().unwrap_or_default();
    match &rule.on_exit_codes {
        Some(_) if !conditions.is_empty() => {
            problems.push(Problem::invalid(path, "specifying both OnExitCodes and OnPodConditions is not supported"));
        }
        Some(codes) => problems.extend(self::codes(&format!("{path}.onExitCodes"), spec, codes)),
        None if conditions.is_empty() => {
            problems.push(Problem::invalid(path, "specifying one of OnExitCodes and OnPodConditions is required"));
        }
        None => {}
    }
    for (i, pattern) in conditions.iter().enumerate() {
        let path = format!("{path}.onPodConditions[{i}]");
        problems.extend(named(&format!("{path}.type"), &pattern.type_, name::qualified));
        let status = pattern.status.as_deref().unwrap_or_default();
        if !["False", "True", "Unknown"].contains(&status) {
            problems.push(Problem::not_supported(format!("{path}.status"), status, &["False", "True", "Unknown"]));
        }
    }
    problems
}

fn codes(path: &str, spec: &JobSpec, codes: &PodFailurePolicyOnExitCodesRequirement) -> Vec<Problem> {
    let mut problems = Vec::new();
    match codes.operator.as_str() {
        "In" | "NotIn" => {}
        "" => problems.push(Problem::required(format!("{path}.operator"), "valid values: \"In\", \"NotIn\"")),
        other => problems.push(Problem::not_supported(format!("{path}.operator"), other, &["In", "NotIn"])),
    }
    if let Some(name) = codes.container_name.as_deref().filter(|n| !job::containers(&spec.template).contains(n)) {
        let why = "must be one of the container or initContainer names in the pod template";
        problems.push(invalid(format!("{path}.containerName"), name, why));
    }
    let path = format!("{path}.values");
    if codes.values.is_empty() {
        problems.push(Problem::invalid(&path, "at least one value is required"));
    } else if codes.values.len() > MOST_VALUES {
        problems.push(Problem::invalid(&path, format!("must have at most {MOST_VALUES} items")));
    }
    for (i, value) in codes.values.iter().enumerate() {
        let path = format!("{path}[{i}]");
        if codes.operator == "In" && *value == 0 {
            problems.push(invalid(path, value, "must not be 0 for the In operator"));
        } else if codes.values[..i].contains(value) {
            problems.push(Problem::duplicate(path, &value.to_string()));
        }
    }
    if !codes.values.is_sorted() {
        problems.push(Problem::invalid(path, "must be ordered"));
    }
    problems
}
