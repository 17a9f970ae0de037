//! A Deployment's status: counts, and the conditions Available and Progressing.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status>

use jiff::SignedDuration;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentCondition, DeploymentStatus, ReplicaSetStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::sets::Sets;
use super::strategy::Bounds;
use crate::api::{Object, Plan, Timestamp, conditions};

const COMPLETE: &str = "NewReplicaSetAvailable";
const PAUSED: &str = "DeploymentPaused";
const EXCEEDED: &str = "ProgressDeadlineExceeded";

/// What this round did about the new set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It made it.
    Created,
    /// It found it.
    Seen,
    /// It leaves it alone.
    Paused,
}

/// Whether all pods are of the new set and available, and no other ones are left.
pub fn is_complete(deployment: &Deployment, sets: &Sets) -> bool {
    let (status, replicas) = (counts(deployment, sets), Bounds::of(deployment).replicas);
    let is_all = |count: Option<i32>| count.unwrap_or(0) == replicas;
    sets.new.is_some()
        && is_all(status.updated_replicas)
        && is_all(status.replicas)
        && is_all(status.available_replicas)
}

/// Writes the status if it is another one than stands there.
pub fn plan(deployment: &Deployment, sets: &Sets, progress: Progress, now: Timestamp, plan: &mut Plan) {
    let mut status = counts(deployment, sets);
    let bounds = Bounds::of(deployment);
    let mut list = status.conditions.take().unwrap_or_default();
    let enough = status.available_replicas.unwrap_or(0) >= bounds.least();
    let (value, reason, message) = if enough {
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    } else {
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    };
    put(&mut list, ("Available", value, reason), message, false, now);
    match deployment.spec.as_ref().and_then(|s| s.progress_deadline_seconds).filter(|s| *s < i32::MAX) {
        Some(deadline) => {
            let deadline = SignedDuration::from_secs(deadline.into());
            let current = list.iter().find(|c| c.type_ == "Progressing");
            if let Some((value, reason, message)) = judge(deployment, sets, &status, current, progress, deadline, now) {
                let moved = reason == "ReplicaSetUpdated";
                put(&mut list, ("Progressing", value, reason), &message, moved, now);
            }
            list.iter().filter_map(|c| ends(c, deadline)).filter(|at| *at > now).for_each(|at| plan.wake_at(at));
        }
        None => list.retain(|c| c.type_ != "Progressing"),
    }
    status.conditions = Some(list);
    if deployment.status.as_ref() != Some(&status) {
        plan.update_status(&Deployment { status: Some(status), ..deployment.clone() }, "");
    }
}

/// The status with its counts anew.
fn counts(deployment: &Deployment, sets: &Sets) -> DeploymentStatus {
    let some = |n: i32| (n > 0).then_some(n);
    let statuses = || sets.all().filter_map(|s| s.set.status.as_ref());
    let sum = |count: fn(&ReplicaSetStatus) -> i32| statuses().map(count).sum::<i32>();
    let (total, available) = (sum(|s| s.replicas), sum(|s| s.available_replicas.unwrap_or(0)));
    let old = deployment.status.clone().unwrap_or_default();
    let updated = sets.new.as_ref().and_then(|n| n.set.status.as_ref()).map_or(0, |s| s.replicas);
    DeploymentStatus {
        replicas: some(total),
        updated_replicas: some(updated),
        ready_replicas: some(sum(|s| s.ready_replicas.unwrap_or(0))),
        available_replicas: some(available),
        unavailable_replicas: some(total - available),
        terminating_replicas: some(sum(|s| s.terminating_replicas.unwrap_or(0))),
        observed_generation: deployment.metadata.generation,
        conditions: old.conditions,
        collision_count: some(sets.collisions),
    }
}

/// Status, reason and message of the condition Progressing, if they are to be others than `current` has.
fn judge(
    deployment: &Deployment,
    sets: &Sets,
    status: &DeploymentStatus,
    current: Option<&DeploymentCondition>,
    progress: Progress,
    deadline: SignedDuration,
    now: Timestamp,
) -> Option<(&'static str, &'static str, String)> {
    let new = sets.new.as_ref().map_or(deployment.name(), |n| n.set.name());
    let reason = current.and_then(|c| c.reason.as_deref());
    let overdue = current.and_then(|c| ends(c, deadline)).is_some_and(|at| at <= now);
    match (progress, reason) {
        (Progress::Paused, Some(EXCEEDED)) => None,
        (Progress::Paused, _) => Some(("Unknown", PAUSED, "Deployment is paused".to_owned())),
        (Progress::Created, _) => Some(("True", "NewReplicaSetCreated", format!("Created new replica set \"{new}\""))),
        (_, Some(PAUSED)) => Some(("Unknown", "DeploymentResumed", "Deployment is resumed".to_owned())),
        _ if is_complete(deployment, sets) => {
            Some(("True", COMPLETE, format!("ReplicaSet \"{new}\" has successfully progressed.")))
        }
        (_, None) => Some(("True", "FoundNewReplicaSet", format!("Found new replica set \"{new}\""))),
        // A rollout that was complete and has lost a pod since does not begin again.
        (_, Some(COMPLETE)) if status.replicas == status.updated_replicas => None,
        _ if has_progressed(deployment.status.as_ref(), status) => {
            Some(("True", "ReplicaSetUpdated", format!("ReplicaSet \"{new}\" is progressing.")))
        }
        _ if overdue => Some(("False", EXCEEDED, format!("ReplicaSet \"{new}\" has timed out progressing."))),
        _ => None,
    }
}

/// When a rollout whose condition Progressing this is has taken too long, if that can happen to it.
/// <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#progress-deadline-seconds>
fn ends(condition: &DeploymentCondition, deadline: SignedDuration) -> Option<Timestamp> {
    let runs = !matches!(condition.reason.as_deref(), Some(COMPLETE | PAUSED | EXCEEDED));
    let since = condition.last_update_time.as_ref().filter(|_| runs && condition.type_ == "Progressing")?;
    since.0.checked_add(deadline).ok()
}

/// Whether more pods are new, ready or available than before, or fewer are old.
fn has_progressed(old: Option<&DeploymentStatus>, new: &DeploymentStatus) -> bool {
    let old = old.cloned().unwrap_or_default();
    let count = |n: Option<i32>| n.unwrap_or(0);
    let left = |s: &DeploymentStatus| count(s.replicas) - count(s.updated_replicas);
    count(new.updated_replicas) > count(old.updated_replicas)
        || left(new) < left(&old)
        || count(new.ready_replicas) > count(old.ready_replicas)
        || count(new.available_replicas) > count(old.available_replicas)
}

/// Puts a condition of a type, value and reason in the list, unless it stands there already and nothing has moved.
fn put(
    list: &mut Vec<DeploymentCondition>,
    (kind, value, reason): (&str, &str, &str),
    message: &str,
    moved: bool,
    now: Timestamp,
) {
    let same = |c: &DeploymentCondition| {
        c.type_ == kind
            && c.status == value
            && c.reason.as_deref() == Some(reason)
            && c.message.as_deref() == Some(message)
    };
    if moved || !list.iter().any(same) {
        let condition = DeploymentCondition {
            type_: kind.to_owned(),
            status: value.to_owned(),
            reason: Some(reason.to_owned()),
            message: Some(message.to_owned()),
            last_update_time: Some(Time(now)),
            last_transition_time: None,
        };
        conditions::set(list, condition, now);
    }
}
