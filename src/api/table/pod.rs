//! A pod's row, as kubectl prints it.

use serde_json::Value;

use super::cells::{list, text};

/// `1/2`: containers that are ready, of all.
pub(super) fn ready(pod: &Value) -> String {
    let ready = list(pod, "/status/containerStatuses").iter().filter(|c| c["ready"] == true).count();
    format!("{ready}/{}", list(pod, "/spec/containers").len())
}

/// The sum of all containers' restarts; of the init containers, as long as these are not through.
pub(super) fn restarts(pod: &Value) -> String {
    let which = if init_reason(pod).is_some() { "/status/initContainerStatuses" } else { "/status/containerStatuses" };
    let all = list(pod, which).iter();
    all.filter_map(|c| c["restartCount"].as_i64()).sum::<i64>().to_string()
}

/// The status column: the most telling reason of phase, containers and deletion.
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/printers/internalversion/printers.go> (`printPod`)
pub fn status(pod: &Value) -> String {
    if pod.pointer("/metadata/deletionTimestamp").is_some() {
        return "Terminating".to_owned();
    }
    let gated = |c: &Value| c["type"] == "PodScheduled" && c["reason"] == "SchedulingGated";
    if list(pod, "/status/conditions").iter().any(gated) {
        return "SchedulingGated".to_owned();
    }
    let phase = text(pod, "/status/reason", &text(pod, "/status/phase", "Pending"));
    if let Some(reason) = init_reason(pod) {
        return reason;
    }
    let told = list(pod, "/status/containerStatuses").iter().find_map(reason);
    match told {
        Some(reason) if phase != "Succeeded" => reason,
        _ if phase == "Succeeded" => "Completed".to_owned(),
        _ => phase,
    }
}

/// `Init:0/2`, `Init:CrashLoopBackOff` while init containers are not through.
fn init_reason(pod: &Value) -> Option<String> {
    let all = list(pod, "/status/initContainerStatuses");
    let done = |c: &Value| c.pointer("/state/terminated/exitCode").and_then(Value::as_i64) == Some(0);
    let open = all.iter().find(|c| !done(c))?;
    let waiting = text(open, "/state/waiting/reason", "");
    Some(match (waiting.as_str(), text(open, "/state/terminated/reason", "").as_str()) {
        ("" | "PodInitializing", "") => format!("Init:{}/{}", all.iter().filter(|c| done(c)).count(), all.len()),
        ("" | "PodInitializing", ended) => format!("Init:{ended}"),
        (waiting, _) => format!("Init:{waiting}"),
    })
}

fn reason(container: &Value) -> Option<String> {
    let waiting = text(container, "/state/waiting/reason", "");
    let ended = text(container, "/state/terminated/reason", "");
    [waiting, ended].into_iter().find(|r| !r.is_empty())
}
