//! What a ReplicationController means where it says nothing.

use k8s_openapi::api::core::v1::ReplicationController;

use super::pod_template;

/// One replica; labels and selector are those of its pods where it has none of its own.
pub fn replication_controller(controller: &mut ReplicationController) {
    let Some(spec) = &mut controller.spec else { return };
    spec.replicas.get_or_insert(1);
    let Some(template) = &mut spec.template else { return };
    pod_template::template(template);
    let labels = template.metadata.as_ref().and_then(|m| m.labels.clone());
    for field in [&mut spec.selector, &mut controller.metadata.labels] {
        if field.as_ref().is_none_or(std::collections::BTreeMap::is_empty) {
            field.clone_from(&labels);
        }
    }
}
