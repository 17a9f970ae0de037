//! What Kubernetes refuses in a Role, and in the rules of any role.

use k8s_openapi::api::rbac::v1::{PolicyRule, Role};

use super::field::invalid;
use super::{meta, name};
use crate::api::Problem;

/// The problems of a role.
pub fn role(role: &Role, _: Option<&Role>) -> Vec<Problem> {
    let mut problems = meta::meta(&role.metadata, name::path_segment);
    problems.extend(rules(role.rules.as_deref(), true));
    problems
}

/// Rules; those of a namespace are about objects alone.
pub(super) fn rules(rules: Option<&[PolicyRule]>, namespaced: bool) -> Vec<Problem> {
    let rules = rules.unwrap_or_default().iter().enumerate();
    rules.flat_map(|(i, rule)| one(&format!("rules[{i}]"), rule, namespaced)).collect()
}

fn one(path: &str, rule: &PolicyRule, namespaced: bool) -> Vec<Problem> {
    let at = |field: &str| format!("{path}.{field}");
    let none = |list: &Option<Vec<String>>| list.as_ref().is_none_or(Vec::is_empty);
    let mut problems = Vec::new();
    if rule.verbs.is_empty() {
        problems.push(Problem::required(at("verbs"), "verbs must contain at least one value"));
    }
    if !none(&rule.non_resource_urls) {
        let message = if namespaced {
            "namespaced rules cannot apply to non-resource URLs"
        } else if none(&rule.api_groups) && none(&rule.resources) && none(&rule.resource_names) {
            return problems;
        } else {
            "rules cannot apply to both regular resources and non-resource URLs"
        };
        problems.push(invalid(
            at("nonResourceURLs"),
            rule.non_resource_urls.iter().flatten().collect::<Vec<_>>(),
            message,
        ));
        return problems;
    }
    if none(&rule.api_groups) {
        problems.push(Problem::required(at("apiGroups"), "resource rules must supply at least one api group"));
    }
    if none(&rule.resources) {
        problems.push(Problem::required(at("resources"), "resource rules must supply at least one resource"));
    }
    problems
}
