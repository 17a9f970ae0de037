//! How fast the number of replicas may change: stabilization windows and policies.
//! <https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior>

use jiff::SignedDuration;
use k8s_openapi::api::autoscaling::v2::{HPAScalingRules, HorizontalPodAutoscalerSpec};

use crate::api::{Timestamp, defaults};

/// How long a higher recommendation holds replicas back from being taken away, in seconds.
const DOWN_WINDOW: i32 = 300;
/// The longest that anything is remembered.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// What an autoscaler remembers; all of it can be lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// When it looked last, and at which generation of itself.
    pub looked: Option<(Timestamp, Option<i64>)>,
    /// What the metrics asked for.
    pub recommendations: Vec<(Timestamp, i32)>,
    /// How many replicas were added and taken away.
    changes: Vec<(Timestamp, i32)>,
}

impl History {
    /// Remembers a change.
    pub fn scaled(&mut self, from: i32, to: i32, now: Timestamp) {
        self.changes.push((now, to - from));
        self.changes.retain(|(at, _)| now.duration_since(*at) <= LONGEST);
    }

    /// By how many replicas the number has changed in the last seconds, in sum.
    fn change_within(&self, seconds: i32, now: Timestamp) -> i32 {
        let within = |at: Timestamp| now.duration_since(at) < SignedDuration::from_secs(seconds.into());
        self.changes.iter().filter(|(at, _)| within(*at)).map(|(_, by)| by).sum()
    }
}

/// What may become of a proposal.
pub struct Limit {
    /// So many replicas.
    pub replicas: i32,
    /// The condition, if earlier recommendations hold it back.
    pub stabilized: Option<(&'static str, &'static str)>,
    /// Whether it is limited, and by what.
    pub limited: (bool, &'static str, &'static str),
}

/// Applies windows, policies and bounds to what the metrics ask for, and remembers that.
pub fn limit(
    spec: &HorizontalPodAutoscalerSpec,
    current: i32,
    proposal: i32,
    history: &mut History,
    now: Timestamp,
) -> Limit {
    let usual = defaults::behavior();
    let given = spec.behavior.clone().unwrap_or_default();
    let up = given.scale_up.or(usual.scale_up).unwrap_or_default();
    let down = given.scale_down.or(usual.scale_down).unwrap_or_default();
    let stable = stabilize(current, proposal, (&up, &down), history, now);
    let stabilized = (stable != proposal).then_some(if stable > proposal {
        (
            "ScaleDownStabilized",
            "recent recommendations were higher than current one, applying the highest recent recommendation",
        )
    } else {
        (
            "ScaleUpStabilized",
            "recent recommendations were lower than current one, applying the lowest recent recommendation",
        )
    });
    let (least, most) = (spec.min_replicas.unwrap_or(1), spec.max_replicas);
    let (replicas, limited) = if stable > current {
        let fastest = fastest(&up, current, history, now, true).max(current);
        if stable > fastest.min(most) {
            let why = ("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate");
            let over = ("TooManyReplicas", "the desired replica count is more than the maximum replica count");
            (fastest.min(most), Some(if most > fastest { why } else { over }))
        } else {
            (stable, None)
        }
    } else {
        let fastest = fastest(&down, current, history, now, false).min(current);
        if stable < fastest.max(least) {
            let why = ("ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate");
            let under = ("TooFewReplicas", "the desired replica count is less than the minimum replica count");
            (fastest.max(least), Some(if least < fastest { why } else { under }))
        } else {
            (stable, None)
        }
    };
    let within = (false, "DesiredWithinRange", "the desired count is within the acceptable range");
    Limit { replicas, stabilized, limited: limited.map_or(within, |(reason, message)| (true, reason, message)) }
}

/// What the recommendations of the windows agree on: no more than the lowest of late for going up, no less than the
/// highest for going down.
fn stabilize(
    current: i32,
    proposal: i32,
    (up, down): (&HPAScalingRules, &HPAScalingRules),
    history: &mut History,
    now: Timestamp,
) -> i32 {
    let within = |rules: &HPAScalingRules, usual: i32| {
        let seconds = rules.stabilization_window_seconds.unwrap_or(usual);
        let window = SignedDuration::from_secs(seconds.into());
        let recent = history.recommendations.iter().filter(move |(at, _)| now.duration_since(*at) < window);
        recent.map(|(_, n)| *n).chain([proposal]).collect::<Vec<_>>()
    };
    let lowest = within(up, 0).into_iter().min().unwrap_or(proposal);
    let highest = within(down, DOWN_WINDOW).into_iter().max().unwrap_or(proposal);
    history.recommendations.push((now, proposal));
    history.recommendations.retain(|(at, _)| now.duration_since(*at) <= LONGEST);
    current.max(lowest).min(highest.max(lowest))
}

/// How far the policies let the number go.
fn fastest(rules: &HPAScalingRules, current: i32, history: &History, now: Timestamp, up: bool) -> i32 {
    let selection = rules.select_policy.as_deref().unwrap_or("Max");
    if selection == "Disabled" {
        return current;
    }
    let ends = rules.policies.iter().flatten().map(|policy| {
        let start = current - history.change_within(policy.period_seconds, now);
        let sign = if up { 1 } else { -1 };
        if policy.type_ == "Pods" {
            return start + sign * policy.value;
        }
        let hundredths = i64::from(start) * i64::from(100 + sign * policy.value);
        // Rounded up where it grows, down where it shrinks.
        let end = if up { (hundredths + 99).div_euclid(100) } else { hundredths.div_euclid(100) };
        i32::try_from(end).unwrap_or(i32::MAX)
    });
    let furthest = (selection == "Max") == up;
    let end = if furthest { ends.max() } else { ends.min() };
    end.unwrap_or(current)
}
