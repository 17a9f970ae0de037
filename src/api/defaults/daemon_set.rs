//! What a DaemonSet means where it says nothing.

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{pod_template, text};

/// A pod is deleted before the one that replaces it is made; there are ten old revisions to go back to.
pub fn daemon_set(set: &mut DaemonSet) {
    let Some(spec) = &mut set.spec else { return };
    pod_template::template(&mut spec.template);
    spec.revision_history_limit.get_or_insert(10);
    let strategy = spec.update_strategy.get_or_insert_default();
    text(&mut strategy.type_, "RollingUpdate");
    if strategy.type_.as_deref() == Some("RollingUpdate") {
        let update = strategy.rolling_update.get_or_insert_default();
        update.max_unavailable.get_or_insert(IntOrString::Int(1));
        update.max_surge.get_or_insert(IntOrString::Int(0));
    }
}
