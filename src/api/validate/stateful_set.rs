//! What Kubernetes refuses in a StatefulSet.

use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy};
use k8s_openapi::api::core::v1::{PodTemplateSpec, Volume};

use super::field::{invalid, json, not_negative, one_of};
use super::{amount, claim, meta, name, pod_template, selector};
use crate::api::Problem;

const IMMUTABLE: &str = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', \
'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/// The longest name of a pod that is a host name.
const LONGEST_POD: usize = 63;

/// The problems of a stateful set. Its name is the first part of host names, so it is a label.
pub fn stateful_set(set: &StatefulSet, old: Option<&StatefulSet>) -> Vec<Problem> {
    let mut problems = meta::meta(&set.metadata, name::label);
    let Some(spec) = &set.spec else {
        problems.push(Problem::required("spec", ""));
        return problems;
    };
    for (field, value) in [
        ("spec.replicas", spec.replicas),
        ("spec.minReadySeconds", spec.min_ready_seconds),
        ("spec.revisionHistoryLimit", spec.revision_history_limit),
        ("spec.ordinals.start", spec.ordinals.as_ref().and_then(|o| o.start)),
    ] {
        problems.extend(not_negative(field, value));
    }
    problems.extend(room_for_ordinals(set.metadata.name.as_deref().unwrap_or_default(), spec));
    let policy = spec.pod_management_policy.as_deref();
    problems.extend(one_of("spec.podManagementPolicy", policy, &["OrderedReady", "Parallel"]));
    problems.extend(spec.update_strategy.as_ref().map(strategy).unwrap_or_default());
    problems.extend(retention(spec));
    problems.extend(selector::selector("statefulset", &spec.selector, Some(&spec.template), None));
    problems.extend(pod_template::always("spec.template", &with_claims(spec)));
    problems.extend(claims(spec));
    problems.extend(old.and_then(|o| o.spec.as_ref()).and_then(|old| change(spec, old)));
    problems
}

/// The names of the pods are host names and values of labels, so they must not be longer than those may be. Kubernetes
/// lets it pass and then fails to make the pods.
fn room_for_ordinals(name: &str, spec: &StatefulSetSpec) -> Option<Problem> {
    let start = spec.ordinals.as_ref().and_then(|o| o.start).unwrap_or(0);
    let last = format!("{name}-{}", start.saturating_add(spec.replicas.unwrap_or(1) - 1).max(0));
    let message = "the names of its pods, with their ordinals, must be no more than 63 bytes";
    (last.len() > LONGEST_POD && name.len() <= LONGEST_POD).then(|| invalid("metadata.name", name, message))
}

fn strategy(strategy: &StatefulSetUpdateStrategy) -> Vec<Problem> {
    let path = "spec.updateStrategy";
    match (strategy.type_.as_deref(), &strategy.rolling_update) {
        (Some("OnDelete"), Some(update)) => {
            let message = format!("{}: only allowed for updateStrategy 'RollingUpdate'", json(update));
            vec![Problem::invalid(format!("{path}.rollingUpdate"), message)]
        }
        (Some("RollingUpdate"), Some(update)) => {
            let partition = format!("{path}.rollingUpdate.partition");
            let unavailable = format!("{path}.rollingUpdate.maxUnavailable");
            let mut problems: Vec<_> = not_negative(&partition, update.partition).into_iter().collect();
            let given = update.max_unavailable.as_ref();
            if amount::of(&unavailable, given, &mut problems) == Some(0) {
                problems.push(Problem::invalid(&unavailable, format!("{}: cannot be 0", json(&given))));
            }
            problems.extend(amount::not_over_all(&unavailable, given));
            problems
        }
        (Some("OnDelete" | "RollingUpdate"), None) => Vec::new(),
        _ => {
            let message = format!("{}: must be 'RollingUpdate' or 'OnDelete'", json(strategy));
            vec![Problem::invalid(path, message)]
        }
    }
}

fn retention(spec: &StatefulSetSpec) -> Vec<Problem> {
    let Some(policy) = &spec.persistent_volume_claim_retention_policy else { return Vec::new() };
    let fields = [("whenDeleted", &policy.when_deleted), ("whenScaled", &policy.when_scaled)];
    let path = |field: &str| format!("spec.persistentVolumeClaimRetentionPolicy.{field}");
    fields.iter().filter_map(|(field, value)| one_of(&path(field), value.as_deref(), &["Delete", "Retain"])).collect()
}

/// The template with a volume for each claim, as its pods have them: mounts may name either.
fn with_claims(spec: &StatefulSetSpec) -> PodTemplateSpec {
    let mut template = spec.template.clone();
    if let Some(pod) = &mut template.spec {
        for claim in spec.volume_claim_templates.iter().flatten() {
            let name = claim.metadata.name.clone().unwrap_or_default();
            let volumes = pod.volumes.get_or_insert_default();
            if name::label(&name).is_empty() && !volumes.iter().any(|v| v.name == name) {
                let empty_dir = Some(k8s_openapi::api::core::v1::EmptyDirVolumeSource::default());
                volumes.push(Volume { name, empty_dir, ..Volume::default() });
            }
        }
    }
    template
}

/// The claim templates, each as the claim that it becomes.
fn claims(spec: &StatefulSetSpec) -> Vec<Problem> {
    let mut seen = std::collections::BTreeSet::new();
    let mut problems = Vec::new();
    for (i, template) in spec.volume_claim_templates.iter().flatten().enumerate() {
        let path = format!("spec.volumeClaimTemplates[{i}]");
        let own = claim::claim(template, None).into_iter();
        problems.extend(own.map(|p| Problem { path: format!("{path}.{}", p.path), ..p }));
        let name = template.metadata.name.as_deref().unwrap_or_default();
        if !name.is_empty() && !seen.insert(name) {
            problems.push(Problem::duplicate(format!("{path}.metadata.name"), name));
        } else if !name.is_empty() {
            // The pod's volume has this name too.
            let messages = name::label(name).into_iter();
            problems.extend(messages.map(|m| invalid(format!("{path}.metadata.name"), name, &m)));
        }
    }
    problems
}

/// A stateful set keeps its names, its claims and its order.
fn change(new: &StatefulSetSpec, old: &StatefulSetSpec) -> Option<Problem> {
    let mut masked = new.clone();
    masked.replicas = old.replicas;
    masked.ordinals.clone_from(&old.ordinals);
    masked.template.clone_from(&old.template);
    masked.update_strategy.clone_from(&old.update_strategy);
    masked.revision_history_limit = old.revision_history_limit;
    masked.persistent_volume_claim_retention_policy.clone_from(&old.persistent_volume_claim_retention_policy);
    masked.min_ready_seconds = old.min_ready_seconds;
    (masked != *old).then(|| Problem::forbidden("spec", IMMUTABLE))
}
