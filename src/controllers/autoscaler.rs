//! HorizontalPodAutoscalers: as many replicas as the use of cpu and memory asks for. What was measured is an argument.
//! <https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/>

mod behavior;
mod metric;
mod replicas;
mod run;
mod status;
#[cfg(test)]
mod tests;

use jiff::SignedDuration;
use k8s_openapi::api::autoscaling::v2::{HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, MetricStatus};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, Time};
use serde::Deserialize;
use serde_json::Value;

use crate::api::usage::Measured;
use crate::api::{Action, Key, Kind, Object, Plan, Timestamp, View, labels};
use behavior::Limit;
use status::Said;

pub use behavior::History;
pub use run::{Measure, run};

/// How often each autoscaler looks.
const PERIOD: SignedDuration = SignedDuration::from_secs(15);

/// The changed autoscaler.
pub fn keys(_: &View, changed: &Key) -> Vec<Key> {
    if changed.kind == Kind::of::<HorizontalPodAutoscaler>() { vec![changed.clone()] } else { vec![] }
}

/// When the autoscaler is to look next; `None` where it is to look now.
pub fn next_look(view: &View, key: &Key, history: &History, now: Timestamp) -> Option<Timestamp> {
    let generation = view.metadata(key)?.generation;
    let (looked, seen) = history.looked?;
    let next = looked + PERIOD;
    (seen == generation && next > now).then_some(next)
}

/// What is scaled.
struct Target {
    key: Key,
    object: Value,
    selector: LabelSelector,
    replicas: i32,
}

/// What an autoscaler needs next; `measured` is `None` where nothing could be measured. What it must know later is put
/// into its history.
pub fn plan(view: &View, key: &Key, measured: Option<&Measured>, history: &mut History, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let found = view.get::<HorizontalPodAutoscaler>(&key.namespace, &key.name);
    let Some((scaler, spec)) = found.filter(|s| !s.is_deleting()).map(|s| (s, &s.spec)) else {
        *history = History::default();
        return plan;
    };
    history.looked = Some((now, scaler.metadata.generation));
    plan.wake_at(now + PERIOD);
    let mut said = Said::of(scaler, now);
    match target(view, scaler.namespace(), spec) {
        Err(why) => {
            plan.warn(scaler, "FailedGetScale", why.as_str());
            said.able(
                false,
                "FailedGetScale",
                &format!("the HPA controller was unable to get the target's current scale: {why}"),
            );
        }
        Ok(target) => {
            said.able(true, "SucceededGetScale", "the HPA controller was able to get the target's current scale");
            let pods = view.list::<Pod>(scaler.namespace());
            let pods: Vec<&Pod> =
                pods.filter(|p| labels::matches(&target.selector, p.metadata.labels.as_ref())).collect();
            look(scaler, spec, &target, &pods, measured, history, &mut said, &mut plan);
        }
    }
    if scaler.status.as_ref() != Some(&said.status) {
        plan.update_status(&HorizontalPodAutoscaler { status: Some(said.status), ..scaler.clone() }, "");
    }
    plan
}

/// The object that is scaled, of a kind that can be.
fn target(view: &View, namespace: &str, spec: &HorizontalPodAutoscalerSpec) -> Result<Target, String> {
    let reference = &spec.scale_target_ref;
    let version = reference.api_version.as_deref().unwrap_or("apps/v1");
    let kind = Kind::find(version, &reference.kind).filter(|k| k.scale);
    let kind = kind.ok_or_else(|| format!("{version} {} can't be scaled", reference.kind))?;
    let key = Key::new(kind, namespace, &reference.name);
    let object =
        view.value(&key).ok_or_else(|| format!("{}.{} \"{}\" not found", kind.plural, kind.group, key.name))?;
    let selector = match LabelSelector::deserialize(&object["spec"]["selector"]) {
        Ok(selector) if selector != LabelSelector::default() => selector,
        // A ReplicationController's is a plain map.
        _ => LabelSelector {
            match_labels: serde_json::from_value(object["spec"]["selector"].clone()).ok(),
            match_expressions: None,
        },
    };
    let replicas = object["spec"]["replicas"].as_i64().and_then(|n| i32::try_from(n).ok()).unwrap_or(1);
    Ok(Target { key, object, selector, replicas })
}

#[expect(clippy::too_many_arguments, reason = "one look rests on all of them")]
fn look(
    scaler: &HorizontalPodAutoscaler,
    spec: &HorizontalPodAutoscalerSpec,
    target: &Target,
    pods: &[&Pod],
    measured: Option<&Measured>,
    history: &mut History,
    said: &mut Said,
    plan: &mut Plan,
) {
    let (current, now) = (target.replicas, said.now);
    let least = spec.min_replicas.unwrap_or(1);
    said.status.current_replicas = Some(current);
    if history.recommendations.is_empty() {
        history.recommendations.push((now, current));
    }
    let (wanted, reason) = if current == 0 {
        said.active(false, "ScalingDisabled", "scaling is disabled since the replica count of the target is zero");
        said.status.desired_replicas = 0;
        return;
    } else if current > spec.max_replicas {
        (spec.max_replicas, "Current number of replicas above Spec.MaxReplicas".to_owned())
    } else if current < least {
        (least, "Current number of replicas below Spec.MinReplicas".to_owned())
    } else {
        let Some((proposal, name)) = propose(scaler, spec, current, pods, measured, said, plan) else { return };
        let reason =
            if proposal > current { format!("{name} above target") } else { "All metrics below target".to_owned() };
        let Limit { replicas, stabilized, limited } = behavior::limit(spec, current, proposal, history, now);
        let ready = ("ReadyForNewScale", "recommended size matches current size");
        let (word, message) = stabilized.unwrap_or(ready);
        said.able(true, word, message);
        said.limited(limited);
        (replicas, reason)
    };
    said.status.desired_replicas = wanted;
    if wanted == current {
        return;
    }
    let mut object = target.object.clone();
    object["spec"]["replicas"] = wanted.into();
    plan.push(Action::Update(target.key.kind, object), format!("{current} replicas become {wanted}: {reason}"));
    plan.event(scaler, "SuccessfulRescale", format!("New size: {wanted}; reason: {reason}"));
    said.able(true, "SucceededRescale", &format!("the HPA controller was able to update the target scale to {wanted}"));
    said.status.last_scale_time = Some(Time(now));
    history.scaled(current, wanted, now);
}

/// The largest number of replicas that a metric asks for, and that metric's name; none where metrics fail that might ask
/// for more.
fn propose(
    scaler: &HorizontalPodAutoscaler,
    spec: &HorizontalPodAutoscalerSpec,
    current: i32,
    pods: &[&Pod],
    measured: Option<&Measured>,
    said: &mut Said,
    plan: &mut Plan,
) -> Option<(i32, String)> {
    let metrics = spec.metrics.as_deref().unwrap_or_default();
    let mut best: Option<(i32, String)> = None;
    let mut failures = Vec::new();
    let mut told: Vec<MetricStatus> = Vec::new();
    for metric in metrics {
        match metric::replicas(spec, metric, current, pods, measured, said.now) {
            Ok(answer) => {
                if best.as_ref().is_none_or(|(most, _)| answer.replicas > *most) {
                    best = Some((answer.replicas, answer.name));
                }
                told.push(answer.status);
            }
            Err(why) => failures.push(why),
        }
    }
    said.status.current_metrics = Some(told).filter(|t| !t.is_empty());
    if let Some(first) = failures.first()
        && best.as_ref().is_none_or(|(replicas, _)| *replicas < current)
    {
        plan.warn(scaler, "FailedGetResourceMetric", first.as_str());
        let count = (failures.len(), metrics.len());
        let all = format!("invalid metrics ({} invalid out of {}), first error is: {first}", count.0, count.1);
        plan.warn(scaler, "FailedComputeMetricsReplicas", all);
        said.active(
            false,
            "FailedGetResourceMetric",
            &format!("the HPA was unable to compute the replica count: {first}"),
        );
        said.status.desired_replicas = current;
        return None;
    }
    let (_, name) = best.as_ref()?;
    let why = format!("the HPA was able to successfully calculate a replica count from {name}");
    said.active(true, "ValidMetricFound", &why);
    best
}
