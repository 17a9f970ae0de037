//! Decides about all pods that wait for a node, the most important first.
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/>

use std::cmp::Reverse;
use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{
    Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, PodCondition, PodStatus,
};
use k8s_openapi::api::storage::v1::StorageClass;

use super::fit::Room;
use super::preempt::{priority, victims};
use super::{claims, evict};
use crate::api::{Key, Kind, Object, Plan, Timestamp, View, conditions};

/// The name under which the scheduler tells events, and by which pods ask for it.
pub const NAME: &str = "default-scheduler";

/// The one key of the scheduler, if the change can make a pod fit or leave.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    let kinds = [
        Kind::of::<Namespace>(),
        Kind::of::<Node>(),
        Kind::of::<Pod>(),
        Kind::of::<PersistentVolumeClaim>(),
        Kind::of::<PersistentVolume>(),
        Kind::of::<StorageClass>(),
    ];
    let concerned = || view.all::<Pod>().any(waits) || evict::has_taints(view);
    let matters = kinds.contains(&changed.kind) && concerned();
    if matters { vec![Key::new(Kind::of::<Node>(), "", "")] } else { vec![] }
}

/// Binds every waiting pod that fits, as if those before it ran already; tells of the others why they don't, and ends
/// less important ones for their sake.
pub fn plan(view: &View, _: &Key, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let node = view.all::<Node>().next();
    let mut room = node.map(|node| Room::on(node, view));
    let mut leaving = BTreeSet::new();
    let mut waiting: Vec<&Pod> = view.all::<Pod>().filter(|p| waits(p)).collect();
    waiting
        .sort_by_cached_key(|p| (Reverse(priority(p)), p.metadata.creation_timestamp.as_ref().map(|t| t.0), p.key()));
    for pod in waiting {
        if gated(pod) {
            let why = "Scheduling is blocked due to non-empty scheduling gates";
            refuse(pod, "SchedulingGated", why, None, now, &mut plan);
            continue;
        }
        match verdict(view, room.as_ref(), pod) {
            Ok(node) => {
                bind(pod, &node, &mut plan);
                if let Some(room) = &mut room {
                    room.take(pod);
                }
            }
            Err(message) => {
                let nominated = room.as_mut().and_then(|room| make_room(room, pod, &mut leaving, now, &mut plan));
                refuse(pod, "Unschedulable", &message, nominated, now, &mut plan);
            }
        }
    }
    if let Some(node) = node {
        evict::plan(node, view, now, &mut plan);
    }
    plan
}

/// Whether the pod waits for a node, and for this scheduler to find it one.
fn waits(pod: &Pod) -> bool {
    let Some(spec) = &pod.spec else { return false };
    let bound = spec.node_name.as_ref().is_some_and(|n| !n.is_empty());
    let ours = spec.scheduler_name.as_ref().is_none_or(|name| name == NAME);
    !bound && ours && !pod.is_deleting()
}

fn gated(pod: &Pod) -> bool {
    pod.spec.as_ref().is_some_and(|s| s.scheduling_gates.as_ref().is_some_and(|g| !g.is_empty()))
}

fn bind(pod: &Pod, node: &str, plan: &mut Plan) {
    let mut bound = pod.clone();
    bound.spec.get_or_insert_default().node_name = Some(node.to_owned());
    plan.update(&bound, format!("it fits on {node}"));
    let message = format!("Successfully assigned {}/{} to {node}", pod.namespace(), pod.name());
    plan.event(pod, "Scheduled", message);
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

/// Ends less important pods, if that makes room, and keeps the room for the pod: the node that it is promised.
fn make_room<'a>(
    room: &mut Room<'a>,
    pod: &'a Pod,
    leaving: &mut BTreeSet<String>,
    now: Timestamp,
    plan: &mut Plan,
) -> Option<String> {
    let chosen = victims(room, pod, leaving)?;
    for victim in chosen {
        let message = format!("{NAME}: preempting to accommodate a higher priority pod");
        evict::disrupt(victim, "PreemptionByScheduler", &message, now, plan);
        plan.event(victim, "Preempted", format!("Preempted by pod {} on node {}", pod.uid(), room.node.name()));
        leaving.insert(victim.uid().to_owned());
    }
    room.take(pod);
    Some(room.node.name().to_owned())
}

/// Puts the reason on the pod, with an event, unless it stands there.
fn refuse(pod: &Pod, reason: &str, message: &str, nominated: Option<String>, now: Timestamp, plan: &mut Plan) {
    let mut status = pod.status.clone().unwrap_or_default();
    let known = |c: &PodCondition| {
        c.type_ == "PodScheduled" && c.reason.as_deref() == Some(reason) && c.message.as_deref() == Some(message)
    };
    let known = status.conditions.iter().flatten().any(known);
    if known && status.nominated_node_name == nominated {
        return;
    }
    let condition = PodCondition {
        type_: "PodScheduled".to_owned(),
        status: "False".to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        ..PodCondition::default()
    };
    conditions::set(status.conditions.get_or_insert_default(), condition, now);
    let phase = status.phase.or(Some("Pending".to_owned()));
    let status = PodStatus { phase, nominated_node_name: nominated, ..status };
    if !known && reason == "Unschedulable" {
        plan.warn(pod, "FailedScheduling", message);
    }
    plan.update_status(&Pod { status: Some(status), ..pod.clone() }, "");
}
