//! How StatefulSets, DaemonSets, ReplicationControllers and Jobs stand, read off their status. Pure.

use k8s_openapi::api::core::v1::Pod;
use serde_json::Value;

use super::Readiness::{self, Failed, Ready, Waiting};
use super::{on_its_way, pods_of, trouble, unsteady};
use crate::api::conditions::is_true;
use crate::api::{Key, Object, Timestamp, View};

/// How far a set is.
struct Count {
    /// How many pods there shall be.
    wanted: i64,
    /// How many are as they shall be.
    good: i64,
    /// Whether the controller has nothing left to do.
    is_done: bool,
}

/// How an object of these kinds stands; `None` for other kinds.
pub fn readiness(view: &View, key: &Key, now: Timestamp) -> Option<Readiness> {
    let count = match key.kind.kind {
        "StatefulSet" => stateful_set,
        "DaemonSet" => daemon_set,
        "ReplicationController" => replication_controller,
        "Job" => return view.value(key).map(|job| self::job(view, key, &job, now)),
        _ => return None,
    };
    let object = view.value(key)?;
    if number(&object, "/status/observedGeneration") < number(&object, "/metadata/generation") {
        return Some(Waiting("not seen yet".to_owned()));
    }
    let Count { wanted, good, is_done } = count(&object);
    let text = format!("{good} of {wanted} ready");
    let pods = || pods_of(view, key).into_iter();
    if good >= wanted && is_done {
        let unsteady = pods().find_map(|pod| unsteady(pod, now));
        return Some(unsteady.map_or_else(|| Ready(text.clone()), |why| Waiting(format!("{text}; {why}"))));
    }
    if let Some(why) = stuck(&pods().collect::<Vec<_>>(), &object, now) {
        return Some(Failed(format!("{text}; {why}")));
    }
    Some(on_its_way(text, pods().find_map(|pod| trouble(pod, now))))
}

/// The pod of an older template that will not become ready: a StatefulSet whose pods wait for each other waits for its end.
/// <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback>
fn stuck(pods: &[&Pod], set: &Value, now: Timestamp) -> Option<String> {
    let update = set.pointer("/status/updateRevision").and_then(Value::as_str)?;
    if set.pointer("/spec/podManagementPolicy").and_then(Value::as_str) == Some("Parallel") || is_by_hand(set) {
        return None;
    }
    let is_old = |p: &&&Pod| p.label("controller-revision-hash").is_some_and(|of| of != update) && !p.is_deleting();
    let is_ready = |p: &Pod| is_true(p.status.as_ref().and_then(|s| s.conditions.as_ref()), "Ready");
    let pod = pods.iter().filter(is_old).find(|p| !is_ready(p))?;
    let (Some(Failed(why)), name) = (trouble(pod, now), pod.name()) else { return None };
    Some(format!(
        "{why}; {name} is of an older template and holds the update up, as in Kubernetes: `wharf delete pod {name}`"
    ))
}

fn number(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

fn wanted(object: &Value) -> i64 {
    object.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1)
}

/// Whether pods are only replaced when somebody deletes them.
fn is_by_hand(object: &Value) -> bool {
    object.pointer("/spec/updateStrategy/type").and_then(Value::as_str) == Some("OnDelete")
}

fn stateful_set(set: &Value) -> Count {
    let wanted = wanted(set);
    let partition = number(set, "/spec/updateStrategy/rollingUpdate/partition").min(wanted);
    let (ready, updated) = (number(set, "/status/readyReplicas"), number(set, "/status/updatedReplicas"));
    let is_updated = is_by_hand(set) || updated >= wanted - partition;
    let good = if is_by_hand(set) || partition > 0 { ready } else { ready.min(updated) };
    Count { wanted, good, is_done: is_updated && number(set, "/status/replicas") == wanted }
}

fn daemon_set(set: &Value) -> Count {
    let wanted = number(set, "/status/desiredNumberScheduled");
    let (ready, updated) = (number(set, "/status/numberReady"), number(set, "/status/updatedNumberScheduled"));
    let good = if is_by_hand(set) { ready } else { ready.min(updated) };
    Count { wanted, good, is_done: number(set, "/status/numberMisscheduled") == 0 }
}

fn replication_controller(set: &Value) -> Count {
    let wanted = wanted(set);
    Count { wanted, good: number(set, "/status/readyReplicas"), is_done: number(set, "/status/replicas") == wanted }
}

/// A Job is ready when it is complete; one that is suspended waits for nobody.
fn job(view: &View, key: &Key, job: &Value, now: Timestamp) -> Readiness {
    let condition = |wanted: &str| {
        let mut all = job["status"]["conditions"].as_array().into_iter().flatten();
        all.find(|c| c["type"] == wanted && c["status"] == "True").cloned()
    };
    let text = |c: &Value, field: &str| c[field].as_str().unwrap_or_default().to_owned();
    if condition("Complete").is_some() {
        return Ready("complete".to_owned());
    }
    if let Some(failed) = condition("Failed") {
        return Failed(format!("{}: {}", text(&failed, "reason"), text(&failed, "message")));
    }
    if job["spec"]["suspend"] == true {
        return Ready("suspended".to_owned());
    }
    let succeeded = number(job, "/status/succeeded");
    let text = match job.pointer("/spec/completions").and_then(Value::as_i64) {
        Some(completions) => format!("{succeeded} of {completions} complete"),
        None => format!("{succeeded} complete"),
    };
    on_its_way(text, pods_of(view, key).into_iter().find_map(|pod| trouble(pod, now)))
}
