//! Budgets: how many pods of a group may be evicted now. <https://kubernetes.io/docs/tasks/run-application/configure-pdb/>

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::{Pod, ReplicationController};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec, PodDisruptionBudgetStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, OwnerReference, Time};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::pod;
use crate::api::{Key, Kind, Object, Plan, Timestamp, View, labels};

/// An evicted pod that has not gone after so long will not: it counts again.
const GONE_AFTER: SignedDuration = SignedDuration::from_mins(2);

/// The budgets that a changed key concerns: itself, or those of its namespace.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    if changed.kind == Kind::of::<PodDisruptionBudget>() {
        return vec![changed.clone()];
    }
    view.list::<PodDisruptionBudget>(&changed.namespace).map(Object::key).collect()
}

/// Brings a budget's status to what its pods say.
pub fn plan(view: &View, key: &Key, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let budget = view.get::<PodDisruptionBudget>(&key.namespace, &key.name);
    let Some((budget, spec)) = budget.and_then(|b| Some((b, b.spec.as_ref()?))) else { return plan };
    let selected = |p: &&Pod| spec.selector.as_ref().is_some_and(|s| labels::matches(s, p.metadata.labels.as_ref()));
    let pods: Vec<&Pod> = view.list::<Pod>(&key.namespace).filter(selected).filter(|p| !pod::is_finished(p)).collect();
    let old = budget.status.clone().unwrap_or_default();
    let disrupted = disrupted(&old, &pods, now, &mut plan);
    let new = match expected(view, spec, &pods) {
        Ok((expected, desired)) => count(budget, &old, (expected, desired), &pods, disrupted, now),
        Err(why) => {
            plan.warn(
                budget,
                "CalculateExpectedPodCountFailed",
                format!("Failed to calculate the number of expected pods: {why}"),
            );
            let condition = allowed(&old, (false, "SyncFailed", &why), budget, now);
            PodDisruptionBudgetStatus { disruptions_allowed: Some(0), conditions: Some(vec![condition]), ..old.clone() }
        }
    };
    if new != old {
        plan.update_status(&PodDisruptionBudget { status: Some(new), ..budget.clone() }, "");
    }
    plan
}

/// The pods that were evicted and are not known to go yet: each with the time.
fn disrupted(
    old: &PodDisruptionBudgetStatus,
    pods: &[&Pod],
    now: Timestamp,
    plan: &mut Plan,
) -> BTreeMap<String, Time> {
    let mut kept = BTreeMap::new();
    for (name, at) in old.disrupted_pods.iter().flatten() {
        let until = at.0 + GONE_AFTER;
        if pods.iter().any(|p| p.name() == name && !p.is_deleting()) && until > now {
            plan.wake_at(until);
            kept.insert(name.clone(), at.clone());
        }
    }
    kept
}

/// How many pods there should be, and how many of them have to be healthy.
fn expected(view: &View, spec: &PodDisruptionBudgetSpec, pods: &[&Pod]) -> Result<(i32, i32), String> {
    let there = i32::try_from(pods.len()).unwrap_or(i32::MAX);
    let share = |percent: &str, of: i32| {
        let percent: i32 = percent.trim_end_matches('%').parse().unwrap_or(0);
        // Rounded up: <https://kubernetes.io/docs/tasks/run-application/configure-pdb/#rounding-logic-when-specifying-percentages>
        (percent * of + 99) / 100
    };
    Ok(match (&spec.max_unavailable, &spec.min_available) {
        (Some(most), _) => {
            let expected = scale(view, pods)?;
            let most = match most {
                IntOrString::Int(number) => *number,
                IntOrString::String(percent) => share(percent, expected),
            };
            (expected, (expected - most).max(0))
        }
        (None, Some(IntOrString::String(percent))) => {
            let expected = scale(view, pods)?;
            (expected, share(percent, expected))
        }
        (None, Some(IntOrString::Int(number))) => (there, *number),
        (None, None) => (there, 1),
    })
}

/// The sum of what the owners of the pods ask for; each owner counts once.
fn scale(view: &View, pods: &[&Pod]) -> Result<i32, String> {
    let mut owners = BTreeSet::new();
    let mut sum = 0;
    for pod in pods {
        let Some(owner) = pod.controller() else {
            return Err(format!("found no controller ref for pod \"{}\"", pod.name()));
        };
        let (uid, replicas) = replicas(view, pod.namespace(), owner).ok_or_else(|| {
            format!("{} {} of pod \"{}\" does not implement the scale subresource", owner.kind, owner.name, pod.name())
        })?;
        if owners.insert(uid) {
            sum += replicas;
        }
    }
    Ok(sum)
}

/// What an owner asks for, a ReplicaSet's Deployment in its place.
fn replicas(view: &View, namespace: &str, owner: &OwnerReference) -> Option<(String, i32)> {
    let is = |uid: &str| uid == owner.uid;
    let found = |uid: &str, replicas: Option<i32>| Some((uid.to_owned(), replicas.unwrap_or(1)));
    match owner.kind.as_str() {
        "ReplicaSet" => {
            let set = view.get::<ReplicaSet>(namespace, &owner.name).filter(|s| is(s.uid()))?;
            if let Some(above) = set.controller().filter(|o| o.kind == "Deployment") {
                let deployment = view.get::<Deployment>(namespace, &above.name).filter(|d| d.uid() == above.uid)?;
                return found(deployment.uid(), deployment.spec.as_ref()?.replicas);
            }
            found(set.uid(), set.spec.as_ref()?.replicas)
        }
        "StatefulSet" => {
            let set = view.get::<StatefulSet>(namespace, &owner.name).filter(|s| is(s.uid()))?;
            found(set.uid(), set.spec.as_ref()?.replicas)
        }
        "ReplicationController" => {
            let set = view.get::<ReplicationController>(namespace, &owner.name).filter(|s| is(s.uid()))?;
            found(set.uid(), set.spec.as_ref()?.replicas)
        }
        _ => None,
    }
}

fn count(
    budget: &PodDisruptionBudget,
    old: &PodDisruptionBudgetStatus,
    (expected, desired): (i32, i32),
    pods: &[&Pod],
    disrupted: BTreeMap<String, Time>,
    now: Timestamp,
) -> PodDisruptionBudgetStatus {
    let healthy = |p: &&&Pod| !p.is_deleting() && pod::is_ready(p) && !disrupted.contains_key(p.name());
    let healthy = i32::try_from(pods.iter().filter(healthy).count()).unwrap_or(i32::MAX);
    let spare = if expected > 0 { (healthy - desired).max(0) } else { 0 };
    let (reason, message) = if spare > 0 { ("SufficientPods", "") } else { ("InsufficientPods", "") };
    PodDisruptionBudgetStatus {
        current_healthy: Some(healthy),
        desired_healthy: Some(desired),
        disruptions_allowed: Some(spare),
        expected_pods: Some(expected),
        observed_generation: budget.metadata.generation,
        conditions: Some(vec![allowed(old, (spare > 0, reason, message), budget, now)]),
        disrupted_pods: Some(disrupted).filter(|d| !d.is_empty()),
    }
}

fn allowed(
    old: &PodDisruptionBudgetStatus,
    (yes, reason, message): (bool, &str, &str),
    budget: &PodDisruptionBudget,
    now: Timestamp,
) -> Condition {
    let status = if yes { "True" } else { "False" };
    let before = old.conditions.iter().flatten().find(|c| c.type_ == "DisruptionAllowed" && c.status == status);
    Condition {
        type_: "DisruptionAllowed".to_owned(),
        status: status.to_owned(),
        reason: reason.to_owned(),
        message: message.to_owned(),
        observed_generation: budget.metadata.generation,
        last_transition_time: before.map_or(Time(now), |c| c.last_transition_time.clone()),
    }
}
