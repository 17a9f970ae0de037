//! What Kubernetes refuses in a Deployment.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy};

use super::field::{invalid, json, not_negative, one_of};
use super::{amount, meta, name, pod_template, selector};
use crate::api::Problem;

/// The problems of a deployment.
pub fn deployment(deployment: &Deployment, old: Option<&Deployment>) -> Vec<Problem> {
    let mut problems = meta::meta(&deployment.metadata, name::subdomain);
    let Some(spec) = &deployment.spec else {
        problems.push(Problem::required("spec", ""));
        return problems;
    };
    let old = old.and_then(|o| o.spec.as_ref()).map(|s| &s.selector);
    problems.extend(numbers(spec));
    problems.extend(selector::selector("deployment", &spec.selector, Some(&spec.template), old));
    problems.extend(pod_template::always("spec.template", &spec.template));
    problems.extend(spec.strategy.as_ref().map(strategy).unwrap_or_default());
    problems
}

fn numbers(spec: &DeploymentSpec) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (field, value) in [
        ("spec.replicas", spec.replicas),
        ("spec.minReadySeconds", spec.min_ready_seconds),
        ("spec.revisionHistoryLimit", spec.revision_history_limit),
        ("spec.progressDeadlineSeconds", spec.progress_deadline_seconds),
    ] {
        problems.extend(not_negative(field, value));
    }
    let ready = spec.min_ready_seconds.unwrap_or(0);
    if let Some(seconds) = spec.progress_deadline_seconds.filter(|s| *s <= ready) {
        problems.push(invalid("spec.progressDeadlineSeconds", seconds, "must be greater than minReadySeconds"));
    }
    problems
}

fn strategy(strategy: &DeploymentStrategy) -> Vec<Problem> {
    let mut problems = Vec::new();
    let kind = strategy.type_.as_deref();
    problems.extend(one_of("spec.strategy.type", kind, &["Recreate", "RollingUpdate"]));
    let path = "spec.strategy.rollingUpdate";
    let Some(update) = &strategy.rolling_update else { return problems };
    if kind == Some("Recreate") {
        problems.push(Problem::forbidden(path, "may not be specified when strategy `type` is 'Recreate'"));
        return problems;
    }
    let surge = amount::of(&format!("{path}.maxSurge"), update.max_surge.as_ref(), &mut problems);
    let unavailable = amount::of(&format!("{path}.maxUnavailable"), update.max_unavailable.as_ref(), &mut problems);
    if surge == Some(0) && unavailable == Some(0) {
        let value = json(&update.max_unavailable);
        let message = format!("{value}: may not be 0 when `maxSurge` is 0");
        problems.push(Problem::invalid(format!("{path}.maxUnavailable"), message));
    }
    problems.extend(amount::not_over_all(&format!("{path}.maxUnavailable"), update.max_unavailable.as_ref()));
    problems
}
