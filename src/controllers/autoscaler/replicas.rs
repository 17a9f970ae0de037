//! From what pods use to how many of them there should be: Kubernetes' `ReplicaCalculator`.
//! <https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details>

use std::collections::BTreeMap;

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::Pod;

use crate::api::{Object, Timestamp};
use crate::controllers::pod;

/// What a program does as it starts says nothing about its load.
const START: SignedDuration = SignedDuration::from_mins(5);
/// A pod whose readiness has not changed after so long was never ready.
const FIRST_READINESS: SignedDuration = SignedDuration::from_secs(30);

/// What was measured of which pods.
pub struct Samples<'a> {
    pub pods: &'a [&'a Pod],
    /// By the pods' names, in thousandths.
    pub usages: &'a BTreeMap<String, i128>,
    /// Whether it is cpu, of which pods that start use more than later.
    pub is_cpu: bool,
    pub now: Timestamp,
}

/// How far from the target is near enough, in thousandths.
pub struct Tolerance {
    pub up: i128,
    pub down: i128,
}

impl Tolerance {
    fn covers(&self, ratio: f64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "tolerances are small")]
        let (up, down) = (self.up as f64 / 1000.0, self.down as f64 / 1000.0);
        ((1.0 - down)..=(1.0 + up)).contains(&ratio)
    }
}

/// What comes out.
pub struct Wanted {
    pub replicas: i32,
    /// What those pods use that count, in thousandths, and how many they are.
    pub usage: i128,
    pub count: usize,
}

/// How many replicas would use what is their goal each. `fallback` is what a pod of which nothing is known is taken to use,
/// as a multiple of its goal, before others are taken away.
pub fn wanted(
    current: i32,
    samples: &Samples,
    tolerance: &Tolerance,
    goal: &dyn Fn(&str) -> i128,
    fallback: f64,
) -> Result<Wanted, String> {
    let (mut ready, mut unready, mut missing) = (BTreeMap::new(), Vec::new(), Vec::new());
    for pod in samples.pods.iter().filter(|p| !p.is_deleting() && !pod::is_finished(p)) {
        let name = pod.name();
        match samples.usages.get(name) {
            _ if pod::phase(pod) == "Pending" => unready.push(name),
            None => missing.push(name),
            Some(_) if samples.is_cpu && is_starting(pod, samples.now) => unready.push(name),
            Some(usage) => drop(ready.insert(name, *usage)),
        }
    }
    if ready.is_empty() {
        return Err("did not receive metrics for targeted pods (pods might be unready)".to_owned());
    }
    let (usage, count) = (ready.values().sum(), ready.len());
    let keep = |replicas| Ok(Wanted { replicas, usage, count });
    let first = ratio(&ready, goal);
    let grows_with_unready = !unready.is_empty() && first > 1.0;
    if !grows_with_unready && missing.is_empty() {
        return keep(if tolerance.covers(first) { current } else { ceil(first, ready.len()) });
    }
    for name in missing {
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "an estimate")]
        let assumed = if first < 1.0 { (goal(name) as f64 * fallback) as i128 } else { 0 };
        ready.insert(name, assumed);
    }
    if grows_with_unready {
        ready.extend(unready.into_iter().map(|name| (name, 0)));
    }
    let second = ratio(&ready, goal);
    let turned = (first < 1.0 && second > 1.0) || (first > 1.0 && second < 1.0);
    if tolerance.covers(second) || turned {
        return keep(current);
    }
    let replicas = ceil(second, ready.len());
    let against = (second < 1.0 && replicas > current) || (second > 1.0 && replicas < current);
    keep(if against { current } else { replicas })
}

/// Whether its use of cpu says nothing yet: it is not ready and began a short while ago, or never was ready.
fn is_starting(pod: &Pod, now: Timestamp) -> bool {
    let status = pod.status.as_ref();
    let ready = status.and_then(|s| s.conditions.iter().flatten().find(|c| c.type_ == "Ready"));
    let started = status.and_then(|s| s.start_time.as_ref()).map(|t| t.0);
    let (Some(ready), Some(started)) = (ready, started) else { return true };
    let changed = ready.last_transition_time.as_ref().map_or(started, |t| t.0);
    let young = now.duration_since(started) < START;
    ready.status != "True" && (young || changed.duration_since(started) < FIRST_READINESS)
}

#[expect(clippy::cast_precision_loss, reason = "only the relation counts")]
fn ratio(usages: &BTreeMap<&str, i128>, goal: &dyn Fn(&str) -> i128) -> f64 {
    let goals: i128 = usages.keys().map(|name| goal(name)).sum();
    let sum: i128 = usages.values().sum();
    sum as f64 / (goals.max(1)) as f64
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "numbers of replicas are small")]
fn ceil(ratio: f64, count: usize) -> i32 {
    // A hair's breadth above a whole number is that number.
    (ratio * count as f64 - 1e-9).ceil() as i32
}
