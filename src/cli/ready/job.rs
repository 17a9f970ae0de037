//! How a Job stands: it is ready when it is complete.

use k8s_openapi::api::batch::v1::{Job, JobCondition};
use k8s_openapi::api::core::v1::Pod;

use super::{Readiness, on_its_way, trouble};
use crate::api::Timestamp;

/// How the Job stands; `pods` are its own. A suspended one has nothing to wait for.
pub(super) fn job(job: &Job, pods: &[&Pod], now: Timestamp) -> Readiness {
    let status = job.status.clone().unwrap_or_default();
    let told = |kind: &str| -> Option<JobCondition> {
        status.conditions.iter().flatten().find(|c| c.type_ == kind && c.status == "True").cloned()
    };
    let succeeded = status.succeeded.unwrap_or(0);
    let wanted = job.spec.as_ref().and_then(|s| s.completions);
    let text = wanted.map_or_else(|| format!("{succeeded} succeeded"), |all| format!("{succeeded} of {all} succeeded"));
    if told("Complete").is_some() {
        return Readiness::Ready(format!("complete, {text}"));
    }
    if let Some(end) = told("Failed").or_else(|| told("FailureTarget")) {
        let (reason, message) = (end.reason.unwrap_or_default(), end.message.unwrap_or_default());
        return Readiness::Failed(format!("{text}; {reason}: {message}"));
    }
    if job.spec.as_ref().is_some_and(|s| s.suspend == Some(true)) {
        return Readiness::Ready("suspended".to_owned());
    }
    let failed = status.failed.filter(|n| *n > 0).map(|n| format!(", {n} failed")).unwrap_or_default();
    on_its_way(format!("{text}{failed}"), pods.iter().find_map(|p| trouble(p, now)))
}
