//! What a pod's specification means where it says nothing, in a template or in a pod.

use k8s_openapi::api::core::v1::{PodSpec, PodTemplateSpec};

use super::{container, pod_volume, text};

/// The seconds between the wish that a pod ends and its end by force.
const GRACE_SECONDS: i64 = 30;

/// Fills in a template.
pub fn template(template: &mut PodTemplateSpec) {
    if let Some(spec) = &mut template.spec {
        spec_of(spec);
    }
}

/// Fills in what templates and pods have in common.
pub fn spec_of(spec: &mut PodSpec) {
    text(&mut spec.restart_policy, "Always");
    text(&mut spec.dns_policy, "ClusterFirst");
    text(&mut spec.scheduler_name, "default-scheduler");
    spec.termination_grace_period_seconds.get_or_insert(GRACE_SECONDS);
    spec.security_context.get_or_insert_default();
    // The API keeps the old name of this field equal to the new one.
    if spec.service_account_name.is_none() {
        spec.service_account_name.clone_from(&spec.service_account);
    }
    spec.service_account.clone_from(&spec.service_account_name);
    let host_network = spec.host_network == Some(true);
    for container in spec.init_containers.iter_mut().flatten().chain(&mut spec.containers) {
        container::container(container, host_network);
    }
    spec.ephemeral_containers.iter_mut().flatten().for_each(container::ephemeral);
    for volume in spec.volumes.iter_mut().flatten() {
        pod_volume::volume(volume);
    }
}
