//! What a Pod means where it says nothing.

use k8s_openapi::api::core::v1::{Container, Pod, PodStatus};

use super::{pod_template, text};

/// A template's defaults, and those that Kubernetes gives to pods alone: requests from limits, service variables, and
/// the namespace's service account.
pub fn pod(pod: &mut Pod) {
    if let Some(spec) = &mut pod.spec {
        pod_template::spec_of(spec);
        for container in spec.init_containers.iter_mut().flatten().chain(&mut spec.containers) {
            requests(container);
        }
        spec.enable_service_links.get_or_insert(true);
        text(&mut spec.service_account_name, "default");
        spec.service_account.clone_from(&spec.service_account_name);
    }
    text(&mut pod.status.get_or_insert_with(PodStatus::default).phase, "Pending");
}

/// A limit without a request is a request too.
fn requests(container: &mut Container) {
    let Some(resources) = &mut container.resources else { return };
    for (name, limit) in resources.limits.iter().flatten() {
        resources.requests.get_or_insert_default().entry(name.clone()).or_insert_with(|| limit.clone());
    }
}
