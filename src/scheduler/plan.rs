//! Decides about all pods that wait for a node, the most important first.
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/>

use std::cmp::Reverse;

use k8s_openapi::api::core::v1::{Node, PersistentVolume, PersistentVolumeClaim, Pod, PodCondition, PodStatus};
use k8s_openapi::api::storage::v1::StorageClass;

use super::claims;
use super::fit::Room;
use crate::api::{Key, Kind, Object, Plan, Timestamp, View, conditions};

/// The one key of the scheduler, if the change can make a pod fit.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    let kinds = [
        Kind::of::<Node>(),
        Kind::of::<Pod>(),
        Kind::of::<PersistentVolumeClaim>(),
        Kind::of::<PersistentVolume>(),
        Kind::of::<StorageClass>(),
    ];
    let matters = kinds.contains(&changed.kind) && view.all::<Pod>().any(waits);
    if matters { vec![Key::new(Kind::of::<Node>(), "", "")] } else { vec![] }
}

/// Binds every waiting pod that fits, as if those before it ran already; tells of the others why they don't.
pub fn plan(view: &View, _: &Key, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let mut room = view.all::<Node>().next().map(|node| Room::on(node, view.all::<Pod>()));
    let mut waiting: Vec<&Pod> = view.all::<Pod>().filter(|p| waits(p)).collect();
    waiting.sort_by_cached_key(|p| {
        let priority = p.spec.as_ref().and_then(|s| s.priority).unwrap_or(0);
        (Reverse(priority), p.metadata.creation_timestamp.as_ref().map(|t| t.0), p.key())
    });
    for pod in waiting {
        match verdict(view, room.as_ref(), pod) {
            Ok(node) => {
                let mut bound = pod.clone();
                bound.spec.get_or_insert_default().node_name = Some(node.clone());
                plan.update(&bound, format!("it fits on {node}"));
                plan.event(
                    pod,
                    "Scheduled",
                    format!("Successfully assigned {}/{} to {node}", pod.namespace(), pod.name()),
                );
                if let Some(room) = &mut room {
                    room.take(pod);
                }
            }
            Err(message) => refuse(pod, &message, now, &mut plan),
        }
    }
    plan
}

/// Whether the pod waits for a node.
fn waits(pod: &Pod) -> bool {
    let bound = pod.spec.as_ref().is_some_and(|s| s.node_name.as_ref().is_some_and(|n| !n.is_empty()));
    let gated = pod.spec.as_ref().is_some_and(|s| s.scheduling_gates.as_ref().is_some_and(|g| !g.is_empty()));
    !bound && !gated && !pod.is_deleting()
}

/// The node that the pod goes to, or why it goes nowhere.
fn verdict(view: &View, room: Option<&Room>, pod: &Pod) -> Result<String, String> {
    let room = room.ok_or("no nodes available to schedule pods")?;
    let mut reasons = claims::missing(view, pod).map_or_else(|| room.refusals(pod), |reason| vec![reason]);
    if reasons.is_empty() {
        return Ok(room.node.name().to_owned());
    }
    reasons.sort();
    Err(format!("0/1 nodes are available: {}.", reasons.join(", ")))
}

/// Puts the reason on the pod, with an event, unless it stands there.
fn refuse(pod: &Pod, message: &str, now: Timestamp, plan: &mut Plan) {
    let mut status = pod.status.clone().unwrap_or_default();
    let known = |c: &PodCondition| c.type_ == "PodScheduled" && c.message.as_deref() == Some(message);
    if status.conditions.iter().flatten().any(known) {
        return;
    }
    let condition = PodCondition {
        type_: "PodScheduled".to_owned(),
        status: "False".to_owned(),
        reason: Some("Unschedulable".to_owned()),
        message: Some(message.to_owned()),
        ..PodCondition::default()
    };
    conditions::set(status.conditions.get_or_insert_default(), condition, now);
    let status = PodStatus { phase: status.phase.or(Some("Pending".to_owned())), ..status };
    plan.warn(pod, "FailedScheduling", message);
    plan.update_status(&Pod { status: Some(status), ..pod.clone() }, "");
}
