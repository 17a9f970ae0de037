//! How many replicas one metric asks for, and what is told of it.

use std::collections::BTreeMap;

use k8s_openapi::api::autoscaling::v2::{
    ContainerResourceMetricStatus, HPAScalingRules, HorizontalPodAutoscalerSpec, MetricSpec, MetricStatus,
    MetricTarget, MetricValueStatus, ResourceMetricStatus,
};
use k8s_openapi::api::core::v1::{Container, Pod};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::replicas::{Samples, Tolerance, Wanted, wanted};
use crate::api::usage::{Measured, Usage};
use crate::api::{Object, Timestamp, quantity};

/// How far from the target is near enough, in thousandths, where nothing else is said.
const TOLERANCE: i128 = 100;

/// What one metric says.
pub struct Answer {
    /// So many replicas.
    pub replicas: i32,
    /// Its name, in Kubernetes' words.
    pub name: String,
    /// What is told of it.
    pub status: MetricStatus,
}

/// Asks one metric.
pub fn replicas(
    spec: &HorizontalPodAutoscalerSpec,
    metric: &MetricSpec,
    current: i32,
    pods: &[&Pod],
    measured: Option<&Measured>,
    now: Timestamp,
) -> Result<Answer, String> {
    let (resource, container, target) = match (&metric.resource, &metric.container_resource) {
        (Some(source), _) => (&source.name, None, &source.target),
        (None, Some(source)) => (&source.name, Some(source.container.as_str()), &source.target),
        (None, None) => return Err(format!("metrics of type {} are not served", metric.type_)),
    };
    let failed = |why: String| format!("failed to get {resource} resource metric value: {why}");
    let usages = usages(pods, resource, container, measured).map_err(failed)?;
    let tolerance = tolerance(spec);
    let samples = Samples { pods, usages: &usages, is_cpu: resource == "cpu", now };
    if let Some(percent) = target.average_utilization {
        let requests = requests(pods, resource, container).map_err(failed)?;
        let goal = |pod: &str| requests.get(pod).copied().unwrap_or(0) * i128::from(percent) / 100;
        let found =
            wanted(current, &samples, &tolerance, &goal, 100.0_f64.max(f64::from(percent)) / f64::from(percent))
                .map_err(failed)?;
        let requested: i128 = usages.keys().filter_map(|p| requests.get(p)).sum();
        let utilization = (found.usage * 100).checked_div(requested).and_then(|u| i32::try_from(u).ok());
        return Ok(answer(metric, resource, container, target, &found, utilization));
    }
    let value = target.average_value.as_ref().and_then(|v| quantity::milli(&v.0).ok()).unwrap_or(1).max(1);
    let found = wanted(current, &samples, &tolerance, &|_| value, 1.0).map_err(failed)?;
    Ok(answer(metric, resource, container, target, &found, None))
}

fn answer(
    metric: &MetricSpec,
    resource: &str,
    container: Option<&str>,
    target: &MetricTarget,
    found: &Wanted,
    utilization: Option<i32>,
) -> Answer {
    let average = found.usage / i128::try_from(found.count.max(1)).unwrap_or(1);
    let text = if resource == "cpu" { format!("{average}m") } else { (average / 1000).to_string() };
    let current =
        MetricValueStatus { average_utilization: utilization, average_value: Some(Quantity(text)), value: None };
    let of = if target.average_utilization.is_some() { "utilization (percentage of request)" } else { "" };
    let mut status = MetricStatus { type_: metric.type_.clone(), ..MetricStatus::default() };
    let name = resource.to_owned();
    let words = if let Some(container) = container {
        let told = ContainerResourceMetricStatus { name, container: container.to_owned(), current };
        status.container_resource = Some(told);
        format!("{resource} container resource {of}")
    } else {
        status.resource = Some(ResourceMetricStatus { name, current });
        format!("{resource} resource {of}")
    };
    Answer { replicas: found.replicas, name: words.trim_end().to_owned(), status }
}

/// What each pod uses, in thousandths: of cores, or of bytes.
fn usages(
    pods: &[&Pod],
    resource: &str,
    container: Option<&str>,
    measured: Option<&Measured>,
) -> Result<BTreeMap<String, i128>, String> {
    let Some(measured) = measured else {
        return Err("unable to fetch metrics from resource metrics API: the engine does not answer".to_owned());
    };
    let of = |usage: &Usage| {
        if resource == "cpu" { i128::from(usage.cpu.div_ceil(1_000_000)) } else { i128::from(usage.memory) * 1000 }
    };
    let usage = |pod: &&Pod| {
        let containers = measured.pods.get(pod.uid())?;
        let sum = match container {
            Some(name) => of(containers.get(name)?),
            None => containers.values().map(of).sum(),
        };
        Some((pod.name().to_owned(), sum))
    };
    let all: BTreeMap<_, _> = pods.iter().filter_map(usage).collect();
    if all.is_empty() {
        return Err("unable to get metrics for resource ".to_owned()
            + resource
            + ": no metrics returned from resource metrics API");
    }
    Ok(all)
}

/// What each pod requests, in thousandths.
fn requests(pods: &[&Pod], resource: &str, container: Option<&str>) -> Result<BTreeMap<String, i128>, String> {
    let mut all = BTreeMap::new();
    for pod in pods {
        let spec = pod.spec.iter();
        let sidecar = |c: &&Container| c.restart_policy.as_deref() == Some("Always");
        let containers =
            spec.flat_map(|s| s.containers.iter().chain(s.init_containers.iter().flatten().filter(sidecar)));
        let mut sum = 0;
        for c in containers.filter(|c| container.is_none_or(|name| c.name == name)) {
            let request = c.resources.as_ref().and_then(|r| r.requests.as_ref()?.get(resource));
            let milli = request.and_then(|q| quantity::milli(&q.0).ok());
            sum += milli.ok_or_else(|| {
                format!("missing request for {resource} in container {} of Pod {}", c.name, pod.name())
            })?;
        }
        all.insert(pod.name().to_owned(), sum);
    }
    Ok(all)
}

fn tolerance(spec: &HorizontalPodAutoscalerSpec) -> Tolerance {
    let of = |rules: Option<&HPAScalingRules>| {
        let text = rules.and_then(|r| r.tolerance.as_ref());
        text.and_then(|t| quantity::milli(&t.0).ok()).unwrap_or(TOLERANCE)
    };
    let behavior = spec.behavior.as_ref();
    Tolerance {
        up: of(behavior.and_then(|b| b.scale_up.as_ref())),
        down: of(behavior.and_then(|b| b.scale_down.as_ref())),
    }
}
