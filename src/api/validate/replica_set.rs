//! What Kubernetes refuses in a ReplicaSet.

use k8s_openapi::api::apps::v1::ReplicaSet;

use super::field::not_negative;
use super::{meta, name, pod_template, selector};
use crate::api::Problem;

/// The problems of a replica set.
pub fn replica_set(set: &ReplicaSet, old: Option<&ReplicaSet>) -> Vec<Problem> {
    let mut problems = meta::meta(&set.metadata, name::subdomain);
    let Some(spec) = &set.spec else {
        problems.push(Problem::required("spec", ""));
        return problems;
    };
    let old = old.and_then(|o| o.spec.as_ref()).map(|s| &s.selector);
    problems.extend(not_negative("spec.replicas", spec.replicas));
    problems.extend(not_negative("spec.minReadySeconds", spec.min_ready_seconds));
    problems.extend(selector::selector("replica set", &spec.selector, spec.template.as_ref(), old));
    match &spec.template {
        Some(template) => problems.extend(pod_template::always("spec.template", template)),
        None => problems.push(Problem::required("spec.template", "")),
    }
    problems
}
