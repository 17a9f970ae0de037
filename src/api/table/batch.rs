//! The rows of Jobs and CronJobs, as kubectl prints them.
//! <https://github.com/kubernetes/kubernetes/blob/master/pkg/printers/internalversion/printers.go> (`printJob`)

use serde_json::Value;

use super::Timestamp;
use super::age::age;
use super::cells::{list, text};

/// `Complete`, `Failed`, `Suspended`, … or `Running`.
pub(super) fn job_status(job: &Value) -> String {
    let is = |kind: &str| list(job, "/status/conditions").iter().any(|c| c["type"] == kind && c["status"] == "True");
    let told = ["Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet"];
    let found = told.into_iter().find(|kind| is(kind));
    if job.pointer("/metadata/deletionTimestamp").is_some() && !is("Complete") && !is("Failed") {
        return "Terminating".to_owned();
    }
    found.unwrap_or("Running").to_owned()
}

/// `1/3`: how many succeeded, of how many; `0/1 of 2` where one of two at once is enough.
pub(super) fn completions(job: &Value) -> String {
    let succeeded = text(job, "/status/succeeded", "0");
    match (job.pointer("/spec/completions"), job.pointer("/spec/parallelism").and_then(Value::as_i64)) {
        (Some(all), _) => format!("{succeeded}/{all}"),
        (None, Some(parallelism)) if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        (None, _) => format!("{succeeded}/1"),
    }
}

/// How long it took, or has taken.
pub(super) fn duration(job: &Value, now: Timestamp) -> String {
    let time = |pointer: &str| job.pointer(pointer).and_then(Value::as_str).and_then(|t| t.parse().ok());
    let Some(start) = time("/status/startTime") else { return String::new() };
    age(start, time("/status/completionTime").unwrap_or(now))
}

/// `True` for `true`.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
