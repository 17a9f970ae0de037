//! What Kubernetes refuses in how containers live: restarts, hooks and probes of init containers, last messages, resizes.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Container, ContainerRestartRule, PodSpec};

use super::field::{invalid, named, one_of};
use super::{name, pod_template};
use crate::api::Problem;

/// The most rules and the most codes in one that Kubernetes takes.
const MOST: (usize, usize) = (20, 255);

/// All containers of a pod, and what it waits for before it is ready.
pub fn of(path: &str, spec: &PodSpec) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (list, index, container) in pod_template::all(spec) {
        let path = format!("{path}.{list}[{index}]");
        if list == "initContainers" && container.restart_policy.as_deref() != Some("Always") {
            problems.extend(runs_once(&path, container));
        }
        problems.extend(restarts(&path, container));
        let policies = ["FallbackToLogsOnError", "File"];
        let policy = container.termination_message_policy.as_deref();
        problems.extend(one_of(&format!("{path}.terminationMessagePolicy"), policy, &policies));
        problems.extend(resizes(&path, container));
    }
    for (index, gate) in spec.readiness_gates.iter().flatten().enumerate() {
        let path = format!("{path}.readinessGates[{index}].conditionType");
        problems.extend(named(&path, &gate.condition_type, name::qualified));
    }
    problems
}

/// An init container that must end has neither hooks nor probes.
fn runs_once(path: &str, container: &Container) -> Vec<Problem> {
    let set = [
        ("lifecycle", container.lifecycle.is_some()),
        ("livenessProbe", container.liveness_probe.is_some()),
        ("readinessProbe", container.readiness_probe.is_some()),
        ("startupProbe", container.startup_probe.is_some()),
    ];
    let why = "may not be set for init containers without restartPolicy=Always";
    set.iter().filter(|(_, set)| *set).map(|(field, _)| Problem::forbidden(format!("{path}.{field}"), why)).collect()
}

fn restarts(path: &str, container: &Container) -> Vec<Problem> {
    let policies = ["Always", "Never", "OnFailure"];
    let policy = container.restart_policy.as_deref();
    let mut problems: Vec<_> = one_of(&format!("{path}.restartPolicy"), policy, &policies).into_iter().collect();
    let rules = container.restart_policy_rules.as_deref().unwrap_or_default();
    if !rules.is_empty() && policy.is_none() {
        let message = "must specify restartPolicy when restart rules are used";
        problems.push(Problem::required(format!("{path}.restartPolicy"), message));
    }
    let path = format!("{path}.restartPolicyRules");
    if rules.len() > MOST.0 {
        problems.push(invalid(&path, rules.len(), &format!("must have at most {} items", MOST.0)));
    }
    let each = rules.iter().enumerate().flat_map(|(index, r)| rule(&format!("{path}[{index}]"), r));
    problems.extend(each);
    problems
}

fn rule(path: &str, rule: &ContainerRestartRule) -> Vec<Problem> {
    let actions = ["Restart", "RestartAllContainers"];
    let mut problems: Vec<_> = one_of(&format!("{path}.action"), Some(&rule.action), &actions).into_iter().collect();
    let path = format!("{path}.exitCodes");
    let Some(codes) = &rule.exit_codes else {
        problems.push(Problem::required(path, "must be specified"));
        return problems;
    };
    problems.extend(one_of(&format!("{path}.operator"), Some(&codes.operator), &["In", "NotIn"]));
    let values = codes.values.as_deref().unwrap_or_default();
    if values.is_empty() || values.len() > MOST.1 {
        let message = format!("must have at least 1 and at most {} items", MOST.1);
        problems.push(invalid(format!("{path}.values"), values.len(), &message));
    }
    problems
}

fn resizes(path: &str, container: &Container) -> Vec<Problem> {
    let (mut problems, mut seen) = (Vec::new(), BTreeSet::new());
    for (index, policy) in container.resize_policy.iter().flatten().enumerate() {
        let path = format!("{path}.resizePolicy[{index}]");
        if !seen.insert(&policy.resource_name) {
            problems.push(Problem::duplicate(&path, &policy.resource_name));
        }
        let name = format!("{path}.resourceName");
        problems.extend(one_of(&name, Some(&policy.resource_name), &["cpu", "memory"]));
        let policies = ["NotRequired", "RestartContainer"];
        problems.extend(one_of(&format!("{path}.restartPolicy"), Some(&policy.restart_policy), &policies));
    }
    problems
}
