//! What Kubernetes refuses in a Pod, and in changes to it.

use k8s_openapi::api::core::v1::{Container, Pod, PodSpec, Toleration};

use super::{meta, name, pod_template};
use crate::api::Problem;

const IMMUTABLE: &str = "pod updates may not change fields other than `spec.containers[*].image`,\
`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),\
`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// The problems of a pod.
pub fn pod(pod: &Pod, old: Option<&Pod>) -> Vec<Problem> {
    let mut problems = meta::meta(&pod.metadata, name::subdomain);
    problems.extend(pod_template::spec_of("spec", pod.spec.as_ref()));
    let added = pod.spec.as_ref().and_then(|s| s.ephemeral_containers.as_ref()).is_some_and(|c| !c.is_empty());
    if added && old.is_none() {
        problems.push(Problem::forbidden("spec.ephemeralContainers", "cannot be set on create"));
    }
    if let (Some(new), Some(old)) = (&pod.spec, old.and_then(|o| o.spec.as_ref())) {
        problems.extend(change(new, old));
    }
    problems
}

/// A pod keeps its specification, but for images, its deadline, more tolerations, and a node given once.
fn change(new: &PodSpec, old: &PodSpec) -> Option<Problem> {
    let mut masked = new.clone();
    containers(&mut masked.containers, &old.containers);
    containers(masked.init_containers.get_or_insert_default(), old.init_containers.as_deref().unwrap_or_default());
    if old.init_containers.is_none() && masked.init_containers.as_ref().is_some_and(Vec::is_empty) {
        masked.init_containers = None;
    }
    masked.ephemeral_containers.clone_from(&old.ephemeral_containers);
    if deadline(new.active_deadline_seconds, old.active_deadline_seconds) {
        masked.active_deadline_seconds = old.active_deadline_seconds;
    }
    if tolerates(new, old) {
        masked.tolerations.clone_from(&old.tolerations);
    }
    if !old.scheduling_gates.as_ref().is_none_or(Vec::is_empty) {
        // A gated pod may lose gates, and be told more of where to go.
        let has = |g| old.scheduling_gates.iter().flatten().any(|o| o == g);
        if masked.scheduling_gates.iter().flatten().all(has) {
            masked.scheduling_gates.clone_from(&old.scheduling_gates);
        }
        let selector = masked.node_selector.as_ref();
        if old.node_selector.iter().flatten().all(|(name, value)| selector.is_some_and(|s| s.get(name) == Some(value)))
        {
            masked.node_selector.clone_from(&old.node_selector);
        }
    }
    if old.node_name.as_deref().unwrap_or_default().is_empty() {
        masked.node_name.clone_from(&old.node_name);
    }
    (masked != *old).then(|| Problem::forbidden("spec", format!("{IMMUTABLE}{}", changed(&masked, old))))
}

/// Images change with the pod, resources by `resize`: that they change nowhere else is held to there.
fn containers(new: &mut [Container], old: &[Container]) {
    for (new, old) in new.iter_mut().zip(old) {
        new.image.clone_from(&old.image);
        new.resources.clone_from(&old.resources);
        new.resize_policy.clone_from(&old.resize_policy);
    }
}

/// A deadline can be set, and come nearer.
fn deadline(new: Option<i64>, old: Option<i64>) -> bool {
    old.is_none_or(|old| new.is_some_and(|new| new <= old))
}

fn tolerates(new: &PodSpec, old: &PodSpec) -> bool {
    let has = |t: &Toleration| new.tolerations.iter().flatten().any(|n| n == t);
    old.tolerations.iter().flatten().all(has)
}

/// The names of the fields that differ, for the message.
fn changed(new: &PodSpec, old: &PodSpec) -> String {
    let fields = |spec: &PodSpec| serde_json::to_value(spec).unwrap_or_default();
    let (new, old) = (fields(new), fields(old));
    let all = [&new, &old].into_iter().filter_map(|v| v.as_object()).flat_map(|o| o.keys());
    let differ: std::collections::BTreeSet<_> = all.filter(|k| new[k] != old[k]).collect();
    format!(" (changed: {})", differ.into_iter().map(String::as_str).collect::<Vec<_>>().join(", "))
}
