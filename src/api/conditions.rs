//! Conditions: typed observations in a status, each with the time of its last change.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::Timestamp;

/// What the conditions of every kind have in common.
pub trait Condition {
    /// The type, such as `Ready`.
    fn kind(&self) -> &str;
    /// `True`, `False` or `Unknown`.
    fn status(&self) -> &str;
    /// When the status last changed.
    fn changed(&mut self) -> &mut Option<Time>;
}

macro_rules! condition {
    ($($type:ty),*) => {$(
        impl Condition for $type {
            fn kind(&self) -> &str {
                &self.type_
            }
            fn status(&self) -> &str {
                &self.status
            }
            fn changed(&mut self) -> &mut Option<Time> {
                &mut self.last_transition_time
            }
        }
    )*};
}

condition!(
    k8s_openapi::api::apps::v1::DeploymentCondition,
    k8s_openapi::api::apps::v1::ReplicaSetCondition,
    k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscalerCondition,
    k8s_openapi::api::batch::v1::JobCondition,
    k8s_openapi::api::core::v1::NamespaceCondition,
    k8s_openapi::api::core::v1::NodeCondition,
    k8s_openapi::api::core::v1::PersistentVolumeClaimCondition,
    k8s_openapi::api::core::v1::PodCondition
);

/// Sets a condition; the time of its last change moves only if its status does.
pub fn set<C: Condition>(conditions: &mut Vec<C>, mut condition: C, now: Timestamp) {
    let old = conditions.iter().position(|c| c.kind() == condition.kind());
    *condition.changed() = Some(Time(now));
    let Some(index) = old else {
        return conditions.push(condition);
    };
    if conditions[index].status() == condition.status() {
        *condition.changed() = conditions[index].changed().take();
    }
    conditions[index] = condition;
}

/// Whether a condition of the type is there and `True`.
#[must_use]
pub fn is_true<C: Condition>(conditions: Option<&Vec<C>>, kind: &str) -> bool {
    conditions.into_iter().flatten().any(|c| c.kind() == kind && c.status() == "True")
}
