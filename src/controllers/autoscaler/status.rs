//! What an autoscaler tells of itself.

use k8s_openapi::api::autoscaling::v2::{
    HorizontalPodAutoscaler, HorizontalPodAutoscalerCondition, HorizontalPodAutoscalerStatus,
};

use crate::api::{Timestamp, conditions};

/// The status as it will be.
pub struct Said {
    pub status: HorizontalPodAutoscalerStatus,
    pub now: Timestamp,
}

impl Said {
    pub fn of(scaler: &HorizontalPodAutoscaler, now: Timestamp) -> Self {
        let mut status = scaler.status.clone().unwrap_or_default();
        status.observed_generation = scaler.metadata.generation;
        Self { status, now }
    }

    /// Whether it can get at its target and change it.
    pub fn able(&mut self, yes: bool, reason: &str, message: &str) {
        self.set("AbleToScale", yes, reason, message);
    }

    /// Whether it has metrics to go by.
    pub fn active(&mut self, yes: bool, reason: &str, message: &str) {
        self.set("ScalingActive", yes, reason, message);
    }

    /// Whether something keeps it from what the metrics ask for.
    pub fn limited(&mut self, (yes, reason, message): (bool, &str, &str)) {
        self.set("ScalingLimited", yes, reason, message);
    }

    fn set(&mut self, kind: &str, yes: bool, reason: &str, message: &str) {
        let condition = HorizontalPodAutoscalerCondition {
            type_: kind.to_owned(),
            status: if yes { "True" } else { "False" }.to_owned(),
            reason: Some(reason.to_owned()),
            message: Some(message.to_owned()),
            last_transition_time: None,
        };
        conditions::set(self.status.conditions.get_or_insert_default(), condition, self.now);
    }
}
