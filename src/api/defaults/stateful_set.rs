//! What a StatefulSet means where it says nothing.

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{claim, pod_template, text};

/// One replica, made and replaced in order and one at a time; claims stay whatever happens to the set.
pub fn stateful_set(set: &mut StatefulSet) {
    let Some(spec) = &mut set.spec else { return };
    pod_template::template(&mut spec.template);
    spec.replicas.get_or_insert(1);
    spec.revision_history_limit.get_or_insert(10);
    text(&mut spec.pod_management_policy, "OrderedReady");
    let strategy = spec.update_strategy.get_or_insert_default();
    text(&mut strategy.type_, "RollingUpdate");
    if strategy.type_.as_deref() == Some("RollingUpdate") {
        let update = strategy.rolling_update.get_or_insert_default();
        update.partition.get_or_insert(0);
        update.max_unavailable.get_or_insert(IntOrString::Int(1));
    }
    let kept = spec.persistent_volume_claim_retention_policy.get_or_insert_default();
    text(&mut kept.when_deleted, "Retain");
    text(&mut kept.when_scaled, "Retain");
    spec.volume_claim_templates.iter_mut().flatten().for_each(claim);
}
