//! What Kubernetes refuses in a ReplicationController.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ReplicationController;

use super::field::{json, not_negative};
use super::{meta, name, pod_template};
use crate::api::{Problem, labels};

/// The problems of a replication controller. Unlike its younger kin it may change its selector.
pub fn replication_controller(controller: &ReplicationController, _: Option<&ReplicationController>) -> Vec<Problem> {
    let mut problems = meta::meta(&controller.metadata, name::subdomain);
    let Some(spec) = &controller.spec else {
        problems.push(Problem::required("spec", ""));
        return problems;
    };
    problems.extend(not_negative("spec.replicas", spec.replicas));
    problems.extend(not_negative("spec.minReadySeconds", spec.min_ready_seconds));
    let selector = spec.selector.as_ref().filter(|s| !s.is_empty());
    if selector.is_none() {
        problems.push(Problem::required("spec.selector", ""));
    }
    problems.extend(meta::labels("spec.selector", selector));
    let Some(template) = &spec.template else {
        problems.push(Problem::required("spec.template", ""));
        return problems;
    };
    let carried = template.metadata.as_ref().and_then(|m| m.labels.as_ref());
    if selector.is_some_and(|s| !labels::has_all(carried, s)) {
        let carried: &BTreeMap<_, _> = carried.unwrap_or(const { &BTreeMap::new() });
        let message = format!("{}: `selector` does not match template `labels`", json(carried));
        problems.push(Problem::invalid("spec.template.metadata.labels", message));
    }
    problems.extend(pod_template::always("spec.template", template));
    problems
}
