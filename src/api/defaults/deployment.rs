//! What a Deployment means where it says nothing.

use k8s_openapi::api::apps::v1::{Deployment, RollingUpdateDeployment};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{pod_template, text};

/// One replica, replaced a quarter at a time, with ten old revisions to go back to.
pub fn deployment(deployment: &mut Deployment) {
    let Some(spec) = &mut deployment.spec else { return };
    pod_template::template(&mut spec.template);
    spec.replicas.get_or_insert(1);
    spec.revision_history_limit.get_or_insert(10);
    spec.progress_deadline_seconds.get_or_insert(600);
    let strategy = spec.strategy.get_or_insert_default();
    text(&mut strategy.type_, "RollingUpdate");
    if strategy.type_.as_deref() == Some("RollingUpdate") {
        let quarter = || IntOrString::String("25%".to_owned());
        let update = strategy.rolling_update.get_or_insert_with(RollingUpdateDeployment::default);
        update.max_surge.get_or_insert_with(quarter);
        update.max_unavailable.get_or_insert_with(quarter);
    }
}
