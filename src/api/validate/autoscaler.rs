//! What Kubernetes refuses in a HorizontalPodAutoscaler.

use k8s_openapi::api::autoscaling::v2::{
    HPAScalingRules, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, MetricSpec, MetricTarget,
};

use super::field::{invalid, one_of};
use super::{meta, name};
use crate::api::{Problem, quantity};

/// The longest window that recommendations are looked at in, and the longest period of a policy, in seconds.
const LONGEST_WINDOW: i32 = 3600;
const LONGEST_PERIOD: i32 = 1800;

/// The problems of an autoscaler.
pub fn autoscaler(autoscaler: &HorizontalPodAutoscaler, _: Option<&HorizontalPodAutoscaler>) -> Vec<Problem> {
    let mut problems = meta::meta(&autoscaler.metadata, name::subdomain);
    let spec = &autoscaler.spec;
    problems.extend(bounds(spec));
    for (field, value) in [("kind", &spec.scale_target_ref.kind), ("name", &spec.scale_target_ref.name)] {
        if value.is_empty() {
            problems.push(Problem::required(format!("spec.scaleTargetRef.{field}"), ""));
        }
    }
    for (i, metric) in spec.metrics.iter().flatten().enumerate() {
        problems.extend(self::metric(&format!("spec.metrics[{i}]"), metric));
    }
    if let Some(behavior) = &spec.behavior {
        for (field, rules) in [("scaleUp", &behavior.scale_up), ("scaleDown", &behavior.scale_down)] {
            problems.extend(rules.iter().flat_map(|r| self::rules(&format!("spec.behavior.{field}"), r)));
        }
    }
    problems
}

fn bounds(spec: &HorizontalPodAutoscalerSpec) -> Vec<Problem> {
    let mut problems = Vec::new();
    let least = spec.min_replicas.unwrap_or(1);
    if least < 1 {
        problems.push(invalid("spec.minReplicas", least, "must be greater than or equal to 1"));
    }
    if spec.max_replicas < 1 {
        problems.push(invalid("spec.maxReplicas", spec.max_replicas, "must be greater than 0"));
    }
    if spec.max_replicas < least {
        problems.push(invalid("spec.maxReplicas", spec.max_replicas, "must be greater than or equal to `minReplicas`"));
    }
    problems
}

fn metric(path: &str, metric: &MetricSpec) -> Vec<Problem> {
    let types = ["ContainerResource", "External", "Object", "Pods", "Resource"];
    let mut problems: Vec<Problem> = one_of(&format!("{path}.type"), Some(&metric.type_), &types).into_iter().collect();
    let (field, source) = match metric.type_.as_str() {
        "Resource" => ("resource", metric.resource.as_ref().map(|r| (&r.name, &r.target))),
        "ContainerResource" => ("containerResource", metric.container_resource.as_ref().map(|r| (&r.name, &r.target))),
        // What else there is stands in the table of fields.
        _ => return problems,
    };
    let path = format!("{path}.{field}");
    let Some((name, target)) = source else {
        let why = "must populate information for the given metric source";
        problems.push(Problem::required(path, why));
        return problems;
    };
    if name.is_empty() {
        problems.push(Problem::required(format!("{path}.name"), "must specify a resource name"));
    } else {
        problems.extend(one_of(&format!("{path}.name"), Some(name), &["cpu", "memory"]));
    }
    if metric.container_resource.as_ref().is_some_and(|c| c.container.is_empty()) {
        problems.push(Problem::required(format!("{path}.container"), "must specify a container name"));
    }
    problems.extend(self::target(&format!("{path}.target"), target));
    problems
}

fn target(path: &str, target: &MetricTarget) -> Vec<Problem> {
    let types = ["AverageValue", "Utilization", "Value"];
    let mut problems: Vec<Problem> = one_of(&format!("{path}.type"), Some(&target.type_), &types).into_iter().collect();
    if let Some(percent) = target.average_utilization.filter(|p| *p < 1) {
        problems.push(invalid(format!("{path}.averageUtilization"), percent, "must be greater than 0"));
    }
    if let Some(value) = &target.average_value {
        match quantity::milli(&value.0) {
            Ok(number) if number > 0 => {}
            Ok(_) => problems.push(invalid(format!("{path}.averageValue"), &value.0, "must be positive")),
            Err(why) => problems.push(Problem::invalid(format!("{path}.averageValue"), why)),
        }
    }
    match (target.average_utilization, &target.average_value) {
        (None, None) => {
            let why = "must set either a target raw value or a target utilization";
            problems.push(Problem::required(format!("{path}.averageUtilization"), why));
        }
        (Some(_), Some(_)) => {
            let why = "may not set both a target raw value and a target utilization";
            problems.push(Problem::forbidden(format!("{path}.averageValue"), why));
        }
        _ => {}
    }
    problems
}

fn rules(path: &str, rules: &HPAScalingRules) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(seconds) = rules.stabilization_window_seconds.filter(|s| !(0..=LONGEST_WINDOW).contains(s)) {
        let why = format!("must be between 0 and {LONGEST_WINDOW}, inclusive");
        problems.push(invalid(format!("{path}.stabilizationWindowSeconds"), seconds, &why));
    }
    let selections = ["Disabled", "Max", "Min"];
    problems.extend(one_of(&format!("{path}.selectPolicy"), rules.select_policy.as_deref(), &selections));
    if let Some(tolerance) = &rules.tolerance
        && !quantity::milli(&tolerance.0).is_ok_and(|t| t >= 0)
    {
        problems.push(invalid(format!("{path}.tolerance"), &tolerance.0, "must be greater than or equal to 0"));
    }
    for (i, policy) in rules.policies.iter().flatten().enumerate() {
        let path = format!("{path}.policies[{i}]");
        problems.extend(one_of(&format!("{path}.type"), Some(&policy.type_), &["Percent", "Pods"]));
        if policy.value < 1 {
            problems.push(invalid(format!("{path}.value"), policy.value, "must be greater than 0"));
        }
        if !(1..=LONGEST_PERIOD).contains(&policy.period_seconds) {
            let why = format!("must be between 1 and {LONGEST_PERIOD}, inclusive");
            problems.push(invalid(format!("{path}.periodSeconds"), policy.period_seconds, &why));
        }
    }
    problems
}
