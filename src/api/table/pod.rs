//! A pod's row, as kubectl prints it.

use serde_json::Value;

use super::cells::{list, text};

/// `1/2`: containers that are ready, of all that live with the pod.
pub(super) fn ready(pod: &Value) -> String {
    let lasting = sidecars(pod).chain(list(pod, "/status/containerStatuses"));
    let ready = lasting.filter(|c| c["ready"] == true).count();
    let declared = list(pod, "/spec/initContainers").iter().filter(|c| c["restartPolicy"] == "Always").count();
    format!("{ready}/{}", declared + list(pod, "/spec/containers").len())
}

/// The sum of all containers' restarts, sidecars among them; of the init containers, as long as these are not through.
pub(super) fn restarts(pod: &Value) -> String {
    let sum = |c: &Value| c["restartCount"].as_i64();
    let sum: i64 = if init_reason(pod).is_some() {
        list(pod, "/status/initContainerStatuses").iter().filter_map(sum).sum()
    } else {
        sidecars(pod).chain(list(pod, "/status/containerStatuses")).filter_map(sum).sum()
    };
    sum.to_string()
}

/// The statuses of the init containers that run beside the app containers.
fn sidecars(pod: &Value) -> impl Iterator<Item = &Value> {
    list(pod, "/status/initContainerStatuses").iter().filter(|status| is_sidecar(pod, status))
}

fn is_sidecar(pod: &Value, status: &Value) -> bool {
    let mut declared = list(pod, "/spec/initContainers").iter();
    declared.any(|c| c["name"] == status["name"] && c["restartPolicy"] == "Always")
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
    // Once the app containers run, sidecars are no matter of the beginning any more.
    let through = is_true(pod, "Initialized");
    let done = |c: &Value| {
        let succeeded = c.pointer("/state/terminated/exitCode").and_then(Value::as_i64) == Some(0);
        if is_sidecar(pod, c) { through || c["started"] == true } else { succeeded }
    };
    let open = all.iter().find(|c| !done(c))?;
    let waiting = text(open, "/state/waiting/reason", "");
    Some(match (waiting.as_str(), text(open, "/state/terminated/reason", "").as_str()) {
        ("" | "PodInitializing", "") => format!("Init:{}/{}", all.iter().filter(|c| done(c)).count(), all.len()),
        ("" | "PodInitializing", ended) => format!("Init:{ended}"),
        (waiting, _) => format!("Init:{waiting}"),
    })
}

fn is_true(pod: &Value, condition: &str) -> bool {
    list(pod, "/status/conditions").iter().any(|c| c["type"] == condition && c["status"] == "True")
}

fn reason(container: &Value) -> Option<String> {
    let waiting = text(container, "/state/waiting/reason", "");
    let ended = text(container, "/state/terminated/reason", "");
    [waiting, ended].into_iter().find(|r| !r.is_empty())
}
