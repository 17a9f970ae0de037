//! How far a rollout is, in kubectl's words. Pure.
//! <https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_status/>

use crate::api::Value;
use crate::api::object::meta;

/// How far a rollout is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Done.
    Done(String),
    /// On its way.
    Waiting(String),
}

use Progress::{Done, Waiting};

/// Reads the rollout of a Deployment, StatefulSet or DaemonSet off its status. `revision` is the one that is insisted on;
/// 0 for any.
///
/// # Errors
/// Why it will not come to its end.
pub fn progress(object: &Value, revision: i64) -> Result<Progress, String> {
    match object["kind"].as_str() {
        Some("StatefulSet") => stateful_set(object),
        Some("DaemonSet") => daemon_set(object),
        _ => deployment(object, revision),
    }
}

fn number(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

fn wanted(object: &Value) -> i64 {
    object.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1)
}

/// Numbers of the status.
fn counts<const N: usize>(object: &Value, fields: [&str; N]) -> [i64; N] {
    fields.map(|field| number(&object["status"], &format!("/{field}")))
}

fn is_observed(object: &Value) -> bool {
    number(object, "/metadata/generation") <= number(object, "/status/observedGeneration")
}

fn deployment(object: &Value, revision: i64) -> Result<Progress, String> {
    let name = meta(object, "name");
    if revision > 0 {
        let found = object["metadata"]["annotations"]["deployment.kubernetes.io/revision"].as_str().unwrap_or("0");
        if found != revision.to_string() {
            return Err(format!("desired revision ({revision}) is different from the running revision ({found})"));
        }
    }
    if !is_observed(object) {
        return Ok(Waiting("Waiting for deployment spec update to be observed...".to_owned()));
    }
    let mut conditions = object["status"]["conditions"].as_array().into_iter().flatten();
    if conditions.any(|c| c["type"] == "Progressing" && c["reason"] == "ProgressDeadlineExceeded") {
        return Err(format!("deployment \"{name}\" exceeded its progress deadline"));
    }
    let wanted = wanted(object);
    let [all, updated, available] = counts(object, ["replicas", "updatedReplicas", "availableReplicas"]);
    let waiting = format!("Waiting for deployment \"{name}\" rollout to finish:");
    Ok(if updated < wanted {
        Waiting(format!("{waiting} {updated} out of {wanted} new replicas have been updated..."))
    } else if all > updated {
        Waiting(format!("{waiting} {} old replicas are pending termination...", all - updated))
    } else if available < updated {
        Waiting(format!("{waiting} {available} of {updated} updated replicas are available..."))
    } else {
        Done(format!("deployment \"{name}\" successfully rolled out"))
    })
}

fn daemon_set(object: &Value) -> Result<Progress, String> {
    let name = meta(object, "name");
    insist_on_rolling(object)?;
    if !is_observed(object) {
        return Ok(Waiting("Waiting for daemon set spec update to be observed...".to_owned()));
    }
    let [wanted, updated, available] =
        counts(object, ["desiredNumberScheduled", "updatedNumberScheduled", "numberAvailable"]);
    let waiting = format!("Waiting for daemon set \"{name}\" rollout to finish:");
    Ok(if updated < wanted {
        Waiting(format!("{waiting} {updated} out of {wanted} new pods have been updated..."))
    } else if available < wanted {
        Waiting(format!("{waiting} {available} of {wanted} updated pods are available..."))
    } else {
        Done(format!("daemon set \"{name}\" successfully rolled out"))
    })
}

fn stateful_set(object: &Value) -> Result<Progress, String> {
    insist_on_rolling(object)?;
    if number(object, "/status/observedGeneration") == 0 || !is_observed(object) {
        return Ok(Waiting("Waiting for statefulset spec update to be observed...".to_owned()));
    }
    let wanted = wanted(object);
    let [ready, updated, current] = counts(object, ["readyReplicas", "updatedReplicas", "currentReplicas"]);
    if ready < wanted {
        return Ok(Waiting(format!("Waiting for {} pods to be ready...", wanted - ready)));
    }
    if let Some(partition) = object.pointer("/spec/updateStrategy/rollingUpdate/partition").and_then(Value::as_i64) {
        let to_update = wanted - partition;
        return Ok(if updated < to_update {
            Waiting(format!(
                "Waiting for partitioned roll out to finish: {updated} out of {to_update} new pods have been updated..."
            ))
        } else {
            Done(format!("partitioned roll out complete: {updated} new pods have been updated..."))
        });
    }
    let revision = |field: &str| object["status"][field].as_str().unwrap_or_default();
    let (now, next) = (revision("currentRevision"), revision("updateRevision"));
    Ok(if now == next {
        Done(format!("statefulset rolling update complete {current} pods at revision {now}..."))
    } else {
        Waiting(format!("waiting for statefulset rolling update to complete {updated} pods at revision {next}..."))
    })
}

fn insist_on_rolling(object: &Value) -> Result<(), String> {
    match object.pointer("/spec/updateStrategy/type").and_then(Value::as_str) {
        None | Some("RollingUpdate") => Ok(()),
        Some(other) => Err(format!("rollout status is only available for RollingUpdate strategy type, not {other}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(object: &Value) -> String {
        match progress(object, 0) {
            Ok(Done(text)) => format!("done: {text}"),
            Ok(Waiting(text)) => text,
            Err(text) => format!("error: {text}"),
        }
    }

    #[test]
    fn a_deployment_tells_each_step() {
        let web = |status: Value| {
            let metadata = json!({"name": "web", "generation": 2});
            told(&json!({"kind": "Deployment", "metadata": metadata, "spec": {"replicas": 3}, "status": status}))
        };
        let at = |all: i32, updated: i32, available: i32| {
            web(json!({"observedGeneration": 2, "replicas": all, "updatedReplicas": updated,
                "availableReplicas": available}))
        };
        let waiting = "Waiting for deployment \"web\" rollout to finish:";
        assert_eq!(web(json!({"observedGeneration": 1})), "Waiting for deployment spec update to be observed...");
        assert_eq!(at(4, 1, 3), format!("{waiting} 1 out of 3 new replicas have been updated..."));
        assert_eq!(at(4, 3, 3), format!("{waiting} 1 old replicas are pending termination..."));
        assert_eq!(at(3, 3, 2), format!("{waiting} 2 of 3 updated replicas are available..."));
        assert_eq!(at(3, 3, 3), "done: deployment \"web\" successfully rolled out");
        let overdue = json!([{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}]);
        assert_eq!(
            web(json!({"observedGeneration": 2, "conditions": overdue})),
            "error: deployment \"web\" exceeded its progress deadline"
        );
    }

    #[test]
    fn stateful_and_daemon_sets_tell_theirs() {
        let set = |strategy: &Value, status: &Value| {
            let (metadata, spec) = (json!({"generation": 1}), json!({"replicas": 2, "updateStrategy": strategy}));
            told(&json!({"kind": "StatefulSet", "metadata": metadata, "spec": spec, "status": status}))
        };
        let rolling = json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 1}});
        let status = |ready: i32, updated: i32| json!({"observedGeneration": 1, "readyReplicas": ready, "updatedReplicas": updated});
        assert_eq!(set(&rolling, &status(1, 0)), "Waiting for 1 pods to be ready...");
        let waiting = "Waiting for partitioned roll out to finish: 0 out of 1 new pods have been updated...";
        assert_eq!(set(&rolling, &status(2, 0)), waiting);
        let done = "done: partitioned roll out complete: 1 new pods have been updated...";
        assert_eq!(set(&rolling, &status(2, 1)), done);
        let by_hand = "error: rollout status is only available for RollingUpdate strategy type, not OnDelete";
        assert_eq!(set(&json!({"type": "OnDelete"}), &status(2, 2)), by_hand);
        let status = json!({"observedGeneration": 1, "desiredNumberScheduled": 1, "updatedNumberScheduled": 1});
        let daemon = json!({"kind": "DaemonSet", "metadata": {"name": "d", "generation": 1}, "status": status});
        let waiting = "Waiting for daemon set \"d\" rollout to finish: 0 of 1 updated pods are available...";
        assert_eq!(told(&daemon), waiting);
    }

    #[test]
    fn a_revision_that_was_overtaken_is_an_error() {
        let annotations = json!({"deployment.kubernetes.io/revision": "3"});
        let web = json!({"kind": "Deployment", "metadata": {"name": "web", "annotations": annotations}});
        assert!(progress(&web, 3).is_ok());
        let overtaken = "desired revision (2) is different from the running revision (3)";
        assert_eq!(progress(&web, 2), Err(overtaken.to_owned()));
    }
}
