//! What a ReplicaSet means where it says nothing.

use k8s_openapi::api::apps::v1::ReplicaSet;

use super::pod_template;

/// One replica; the set carries its pods' labels where it has none of its own.
pub fn replica_set(set: &mut ReplicaSet) {
    let Some(spec) = &mut set.spec else { return };
    spec.replicas.get_or_insert(1);
    let Some(template) = &mut spec.template else { return };
    pod_template::template(template);
    if set.metadata.labels.as_ref().is_none_or(std::collections::BTreeMap::is_empty) {
        set.metadata.labels = template.metadata.as_ref().and_then(|m| m.labels.clone());
    }
}
