//! What Kubernetes refuses in tolerations and taints.

use k8s_openapi::api::core::v1::{Taint, Toleration};

use super::field::{invalid, named, one_of};
use super::name;
use crate::api::Problem;

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// All tolerations of a list.
pub fn tolerations(path: &str, tolerations: &[Toleration]) -> Vec<Problem> {
    tolerations.iter().enumerate().flat_map(|(i, t)| toleration(&format!("{path}[{i}]"), t)).collect()
}

fn toleration(path: &str, toleration: &Toleration) -> Vec<Problem> {
    let mut problems = Vec::new();
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let (key, operator) = (text(&toleration.key), text(&toleration.operator));
    let (value, effect) = (text(&toleration.value), text(&toleration.effect));
    if !key.is_empty() {
        problems.extend(named(&format!("{path}.key"), &key, name::qualified));
    } else if operator != "Exists" {
        let message = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
        problems.push(invalid(format!("{path}.operator"), &operator, message));
    }
    if toleration.toleration_seconds.is_some() && effect != "NoExecute" {
        let message = "effect must be 'NoExecute' when `tolerationSeconds` is set";
        problems.push(invalid(format!("{path}.effect"), &effect, message));
    }
    match operator.as_str() {
        "Exists" if !value.is_empty() => {
            let message = "value must be empty when `operator` is 'Exists'";
            problems.push(invalid(format!("{path}.operator"), &value, message));
        }
        "Exists" => {}
        "Lt" | "Gt" if value.parse::<i64>().is_err() => {
            let message = "value must be a valid integer when `operator` is 'Lt' or 'Gt'";
            problems.push(invalid(format!("{path}.value"), &value, message));
        }
        "" | "Equal" | "Lt" | "Gt" => problems.extend(named(&format!("{path}.operator"), &value, name::label_value)),
        other => problems.extend(one_of(&format!("{path}.operator"), Some(other), &["Equal", "Exists"])),
    }
    problems.extend(one_of(&format!("{path}.effect"), Some(&*effect).filter(|e| !e.is_empty()), &EFFECTS));
    problems
}

/// All taints of a node.
pub fn taints(path: &str, taints: &[Taint]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (i, taint) in taints.iter().enumerate() {
        let path = format!("{path}[{i}]");
        problems.extend(named(&format!("{path}.key"), &taint.key, name::qualified));
        problems.extend(named(&format!("{path}.value"), taint.value.as_deref().unwrap_or_default(), name::label_value));
        problems.extend(one_of(&format!("{path}.effect"), Some(&taint.effect), &EFFECTS));
        if taints[..i].iter().any(|t| t.key == taint.key && t.effect == taint.effect) {
            problems.push(Problem::duplicate(path, &taint.key));
        }
    }
    problems
}
