//! What a HorizontalPodAutoscaler means where it says nothing.

use k8s_openapi::api::autoscaling::v2::{
    HPAScalingPolicy, HPAScalingRules, HorizontalPodAutoscaler, HorizontalPodAutoscalerBehavior, MetricSpec,
    MetricTarget, ResourceMetricSource,
};

/// One replica at least, 80 % of the requested cpu.
pub fn autoscaler(autoscaler: &mut HorizontalPodAutoscaler) {
    let spec = &mut autoscaler.spec;
    spec.min_replicas.get_or_insert(1);
    if spec.metrics.as_ref().is_none_or(Vec::is_empty) {
        let target =
            MetricTarget { type_: "Utilization".to_owned(), average_utilization: Some(80), ..MetricTarget::default() };
        let resource = Some(ResourceMetricSource { name: "cpu".to_owned(), target });
        spec.metrics = Some(vec![MetricSpec { type_: "Resource".to_owned(), resource, ..MetricSpec::default() }]);
    }
    if let Some(given) = &mut spec.behavior {
        let HorizontalPodAutoscalerBehavior { scale_up, scale_down } = behavior();
        given.scale_up = merged(given.scale_up.take(), scale_up);
        given.scale_down = merged(given.scale_down.take(), scale_down);
    }
}

/// The behavior that is meant where none is given.
/// <https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#default-behavior>
#[must_use]
pub fn behavior() -> HorizontalPodAutoscalerBehavior {
    let policy = |kind: &str, value| HPAScalingPolicy { type_: kind.to_owned(), value, period_seconds: 15 };
    let rules = |policies, window| HPAScalingRules {
        policies: Some(policies),
        select_policy: Some("Max".to_owned()),
        stabilization_window_seconds: window,
        tolerance: None,
    };
    HorizontalPodAutoscalerBehavior {
        scale_up: Some(rules(vec![policy("Pods", 4), policy("Percent", 100)], Some(0))),
        // Without a window it is the controller's, five minutes.
        scale_down: Some(rules(vec![policy("Percent", 100)], None)),
    }
}

fn merged(given: Option<HPAScalingRules>, usual: Option<HPAScalingRules>) -> Option<HPAScalingRules> {
    let Some(mut rules) = given else { return usual };
    let usual = usual.unwrap_or_default();
    rules.policies = rules.policies.filter(|p| !p.is_empty()).or(usual.policies);
    rules.select_policy = rules.select_policy.or(usual.select_policy);
    rules.stabilization_window_seconds = rules.stabilization_window_seconds.or(usual.stabilization_window_seconds);
    Some(rules)
}
