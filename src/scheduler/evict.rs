//! Ends pods that do not, or no longer, bear a taint of effect NoExecute.
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions>

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::{Node, Pod, PodCondition, Taint};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::fit::is_on;
use super::taints;
use crate::api::{Object, Plan, Timestamp, View, conditions};

/// Whether the node has a taint for which pods leave.
pub fn has_taints(view: &View) -> bool {
    view.all::<Node>().any(|node| !leaving(node).is_empty())
}

fn leaving(node: &Node) -> Vec<&Taint> {
    let taints = node.spec.iter().flat_map(|s| s.taints.iter().flatten());
    taints.filter(|t| t.effect == "NoExecute").collect()
}

/// Ends the node's pods whose patience is over, and notes on each taint when it was seen first.
pub fn plan(node: &Node, view: &View, now: Timestamp, plan: &mut Plan) {
    let found = leaving(node);
    if found.is_empty() {
        return;
    }
    if found.iter().any(|t| t.time_added.is_none()) {
        let mut noted = node.clone();
        let taints = noted.spec.get_or_insert_default().taints.iter_mut().flatten();
        for taint in taints.filter(|t| t.effect == "NoExecute") {
            taint.time_added.get_or_insert(Time(now));
        }
        plan.update(&noted, "pods leave for its new taint");
    }
    let since = found.iter().map(|t| t.time_added.as_ref().map_or(now, |t| t.0)).max().unwrap_or(now);
    for pod in view.all::<Pod>().filter(|p| is_on(p, node) && !p.is_deleting()) {
        let Some(seconds) = taints::patience(&found, pod) else { continue };
        let until = since.max(scheduled(pod).unwrap_or(since)) + SignedDuration::from_secs(seconds);
        if until > now {
            plan.wake_at(until);
            continue;
        }
        plan.event(pod, "TaintManagerEviction", format!("Marking for deletion Pod {}/{}", pod.namespace(), pod.name()));
        let why = "Taint manager: deleting due to NoExecute taint";
        disrupt(pod, "DeletionByTaintManager", why, now, plan);
    }
}

/// When the pod was bound.
fn scheduled(pod: &Pod) -> Option<Timestamp> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let bound = conditions.iter().find(|c| c.type_ == "PodScheduled" && c.status == "True")?;
    bound.last_transition_time.as_ref().map(|t| t.0)
}

/// Deletes a pod, with the condition that says that it is not its own fault.
/// <https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions>
pub fn disrupt(pod: &Pod, reason: &str, message: &str, now: Timestamp, plan: &mut Plan) {
    let mut told = pod.clone();
    let condition = PodCondition {
        type_: "DisruptionTarget".to_owned(),
        status: "True".to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        ..PodCondition::default()
    };
    conditions::set(told.status.get_or_insert_default().conditions.get_or_insert_default(), condition, now);
    plan.update_status(&told, message);
    plan.delete(pod, message);
}
