//! The way back to an older revision: a JSON patch of the workload, or why there is none.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-back-a-deployment>

use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Value, json};

use super::history::{REVISION, Revision, current, history};
use crate::api::{Key, View};

/// Annotations that a Deployment keeps in a rollback; the others come back with the revision.
const KEPT: [&str; 5] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
];

/// What takes a workload back.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollback {
    /// The revision that it goes back to.
    pub number: i64,
    /// The JSON patch of the workload.
    pub patch: Value,
}

/// Why a workload does not go back, in kubectl's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing is known of it.
    #[error("no rollout history found for {0}")]
    NoHistory(Key),
    /// There is only the present.
    #[error("no last revision to roll back to")]
    NoLast,
    /// The revision is not known, or not any more.
    #[error("unable to find specified revision {0} in history")]
    Unknown(i64),
    /// It is there already.
    #[error("skipped rollback (current template already matches revision {0})")]
    Same(i64),
    /// Nothing would happen.
    #[error("you cannot rollback a paused deployment; resume it first with 'wharf rollout resume' and try again")]
    Paused,
}

/// What takes a workload back to a revision, or to the one before the last.
///
/// # Errors
/// There is no such revision, it has that template already, or it is paused.
pub fn rollback(view: &View, workload: &Key, to: Option<i64>) -> Result<Rollback, Refusal> {
    let all = history(view, workload);
    let now = current(view, workload).filter(|_| !all.is_empty());
    let now = now.ok_or_else(|| Refusal::NoHistory(workload.clone()))?;
    let target = match to {
        Some(number) => all.iter().find(|r| r.number == number).ok_or(Refusal::Unknown(number))?,
        None => all.iter().rev().nth(1).ok_or(Refusal::NoLast)?,
    };
    let deployment = Some(workload).filter(|key| key.kind.kind == "Deployment");
    let deployment = deployment.and_then(|key| view.get::<Deployment>(&key.namespace, &key.name));
    if deployment.and_then(|d| d.spec.as_ref()?.paused) == Some(true) {
        return Err(Refusal::Paused);
    }
    if target.template == *now {
        return Err(Refusal::Same(target.number));
    }
    let mut patch = vec![json!({"op": "replace", "path": "/spec/template", "value": target.template})];
    if let Some(deployment) = deployment {
        patch.push(json!({"op": "add", "path": "/metadata/annotations", "value": annotations(deployment, target)}));
    }
    Ok(Rollback { number: target.number, patch: Value::Array(patch) })
}

/// The annotations of a Deployment that has gone back.
fn annotations(deployment: &Deployment, target: &Revision) -> Value {
    let kept = |name: &&String| KEPT.contains(&name.as_str());
    let own = deployment.metadata.annotations.iter().flatten().filter(|(name, _)| kept(name));
    let back = target.annotations.iter().filter(|(name, _)| !kept(name));
    own.chain(back)
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
