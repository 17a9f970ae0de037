//! What Kubernetes refuses in a workload's selector.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::field::{immutable, json, named};
use super::{meta, name};
use crate::api::{Problem, labels};

/// The selector of a `workload` (`deployment`, `replica set`) selects something, among it the template's pods, and
/// stays as it is.
pub fn selector(
    workload: &str,
    selector: &LabelSelector,
    template: Option<&PodTemplateSpec>,
    old: Option<&LabelSelector>,
) -> Vec<Problem> {
    let pairs = selector.match_labels.as_ref().is_none_or(BTreeMap::is_empty);
    if pairs && selector.match_expressions.as_ref().is_none_or(Vec::is_empty) {
        let mut problems = vec![Problem::required("spec.selector", "")];
        if *selector != LabelSelector::default() {
            let message = format!("{}: empty selector is invalid for {workload}", json(selector));
            problems = vec![Problem::invalid("spec.selector", message)];
        }
        return problems;
    }
    let mut problems = syntax("spec.selector", selector);
    let carried = template.and_then(|t| t.metadata.as_ref()).and_then(|m| m.labels.as_ref());
    if problems.is_empty() && !labels::matches(selector, carried) {
        let carried = json(&carried.cloned().unwrap_or_default());
        let message = format!("{carried}: `selector` does not match template `labels`");
        problems.push(Problem::invalid("spec.template.metadata.labels", message));
    }
    problems.extend(immutable("spec.selector", selector, old));
    problems
}

/// Names and operators of a label selector.
pub fn syntax(path: &str, selector: &LabelSelector) -> Vec<Problem> {
    let mut problems = meta::labels(&format!("{path}.matchLabels"), selector.match_labels.as_ref());
    for (i, requirement) in selector.match_expressions.iter().flatten().enumerate() {
        let path = format!("{path}.matchExpressions[{i}]");
        problems.extend(named(&format!("{path}.key"), &requirement.key, name::qualified));
        let empty = requirement.values.as_ref().is_none_or(Vec::is_empty);
        match requirement.operator.as_str() {
            "In" | "NotIn" if empty => {
                let message = "must be specified when `operator` is 'In' or 'NotIn'";
                problems.push(Problem::required(format!("{path}.values"), message));
            }
            "Exists" | "DoesNotExist" if !empty => {
                let message = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                problems.push(Problem::forbidden(format!("{path}.values"), message));
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => {
                let message = format!("{other:?}: not a valid selector operator");
                problems.push(Problem::invalid(format!("{path}.operator"), message));
            }
        }
    }
    problems
}
