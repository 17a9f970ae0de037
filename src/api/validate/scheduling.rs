//! What Kubernetes refuses in what a pod says of where it may run.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{
    NodeSelectorRequirement, NodeSelectorTerm, PodAffinityTerm, PodSpec, TopologySpreadConstraint,
};

use super::field::{invalid, named, one_of};
use super::{meta, name, selector, toleration};
use crate::api::Problem;

/// Selectors, affinities, tolerations, constraints and gates of a pod or a template.
pub fn scheduling(path: &str, spec: &PodSpec) -> Vec<Problem> {
    let at = |field: &str| format!("{path}.{field}");
    let mut problems = meta::labels(&at("nodeSelector"), spec.node_selector.as_ref());
    problems.extend(toleration::tolerations(&at("tolerations"), spec.tolerations.as_deref().unwrap_or_default()));
    problems.extend(affinity(&at("affinity"), spec));
    for (i, constraint) in spec.topology_spread_constraints.iter().flatten().enumerate() {
        problems.extend(spread(&format!("{}[{i}]", at("topologySpreadConstraints")), constraint));
    }
    let mut gates = BTreeSet::new();
    for (i, gate) in spec.scheduling_gates.iter().flatten().enumerate() {
        let path = format!("{}[{i}]", at("schedulingGates"));
        problems.extend(named(&format!("{path}.name"), &gate.name, name::qualified));
        if !gates.insert(&gate.name) {
            problems.push(Problem::duplicate(path, &gate.name));
        }
    }
    if !gates.is_empty() && spec.node_name.as_ref().is_some_and(|n| !n.is_empty()) {
        problems.push(Problem::forbidden(at("nodeName"), "cannot be set until all schedulingGates have been cleared"));
    }
    for (field, value) in
        [("priorityClassName", &spec.priority_class_name), ("runtimeClassName", &spec.runtime_class_name)]
    {
        problems.extend(value.iter().filter(|v| !v.is_empty()).flat_map(|v| named(&at(field), v, name::subdomain)));
    }
    let policies = ["PreemptLowerPriority", "Never"];
    problems.extend(one_of(&at("preemptionPolicy"), spec.preemption_policy.as_deref(), &policies));
    problems
}

fn affinity(path: &str, spec: &PodSpec) -> Vec<Problem> {
    const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
    let mut problems = Vec::new();
    let Some(affinity) = &spec.affinity else { return problems };
    let node = affinity.node_affinity.as_ref();
    if let Some(required) = node.and_then(|n| n.required_during_scheduling_ignored_during_execution.as_ref()) {
        let path = format!("{path}.nodeAffinity.{REQUIRED}.nodeSelectorTerms");
        if required.node_selector_terms.is_empty() {
            problems.push(Problem::required(&path, "must have at least one node selector term"));
        }
        let terms = required.node_selector_terms.iter().enumerate();
        problems.extend(terms.flat_map(|(i, t)| node_term(&format!("{path}[{i}]"), t)));
    }
    let with =
        affinity.pod_affinity.as_ref().and_then(|a| a.required_during_scheduling_ignored_during_execution.as_ref());
    let against = affinity
        .pod_anti_affinity
        .as_ref()
        .and_then(|a| a.required_during_scheduling_ignored_during_execution.as_ref());
    for (sort, terms) in [("podAffinity", with), ("podAntiAffinity", against)] {
        for (i, term) in terms.into_iter().flatten().enumerate() {
            problems.extend(pod_term(&format!("{path}.{sort}.{REQUIRED}[{i}]"), term));
        }
    }
    problems
}

fn node_term(path: &str, term: &NodeSelectorTerm) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (i, requirement) in term.match_expressions.iter().flatten().enumerate() {
        let path = format!("{path}.matchExpressions[{i}]");
        problems.extend(named(&format!("{path}.key"), &requirement.key, name::qualified));
        problems.extend(operator(&path, requirement));
    }
    for (i, requirement) in term.match_fields.iter().flatten().enumerate() {
        let path = format!("{path}.matchFields[{i}]");
        if requirement.key != "metadata.name" {
            problems.push(invalid(format!("{path}.key"), &requirement.key, "not a valid field selector key"));
        }
        problems.extend(operator(&path, requirement));
    }
    problems
}

fn operator(path: &str, requirement: &NodeSelectorRequirement) -> Option<Problem> {
    let values = requirement.values.as_ref().map_or(0, Vec::len);
    match requirement.operator.as_str() {
        "In" | "NotIn" if values == 0 => {
            let message = "must be specified when `operator` is 'In' or 'NotIn'";
            Some(Problem::required(format!("{path}.values"), message))
        }
        "Exists" | "DoesNotExist" if values > 0 => {
            let message = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            Some(Problem::forbidden(format!("{path}.values"), message))
        }
        "Gt" | "Lt" if values != 1 => {
            let message = "must be specified single value when `operator` is 'Lt' or 'Gt'";
            Some(Problem::required(format!("{path}.values"), message))
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => None,
        other => Some(invalid(format!("{path}.operator"), other, "not a valid selector operator")),
    }
}

fn pod_term(path: &str, term: &PodAffinityTerm) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (field, value) in [("labelSelector", &term.label_selector), ("namespaceSelector", &term.namespace_selector)] {
        problems.extend(value.iter().flat_map(|s| selector::syntax(&format!("{path}.{field}"), s)));
    }
    for (i, namespace) in term.namespaces.iter().flatten().enumerate() {
        problems.extend(named(&format!("{path}.namespaces[{i}]"), namespace, name::label));
    }
    let key = format!("{path}.topologyKey");
    if term.topology_key.is_empty() {
        problems.push(Problem::required(key, "can not be empty"));
    } else {
        problems.extend(named(&key, &term.topology_key, name::qualified));
    }
    problems
}

fn spread(path: &str, constraint: &TopologySpreadConstraint) -> Vec<Problem> {
    let mut problems = Vec::new();
    if constraint.max_skew <= 0 {
        problems.push(invalid(format!("{path}.maxSkew"), constraint.max_skew, "must be greater than zero"));
    }
    let key = format!("{path}.topologyKey");
    if constraint.topology_key.is_empty() {
        problems.push(Problem::required(key, "can not be empty"));
    } else {
        problems.extend(named(&key, &constraint.topology_key, name::qualified));
    }
    let wishes = ["DoNotSchedule", "ScheduleAnyway"];
    problems.extend(one_of(&format!("{path}.whenUnsatisfiable"), Some(&constraint.when_unsatisfiable), &wishes));
    if let Some(domains) = constraint.min_domains {
        if domains <= 0 {
            problems.push(invalid(format!("{path}.minDomains"), domains, "must be greater than zero"));
        }
        if constraint.when_unsatisfiable != "DoNotSchedule" {
            let message = format!(
                "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {}",
                constraint.when_unsatisfiable
            );
            problems.push(invalid(format!("{path}.minDomains"), domains, &message));
        }
    }
    problems
        .extend(constraint.label_selector.iter().flat_map(|s| selector::syntax(&format!("{path}.labelSelector"), s)));
    problems
}
