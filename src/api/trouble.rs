//! Why a pod does not run: the one message, of all that is known about it, that says so best.

use k8s_openapi::api::core::v1::{Event, Pod};

use super::{Object, View, conditions};

/// Why a pod is not ready, from its containers, its conditions and its warnings, in this order; `None` while it is
/// ready, or when nothing went wrong yet.
#[must_use]
pub fn of_pod(view: &View, pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref();
    if conditions::is_true(status.and_then(|s| s.conditions.as_ref()), "Ready") {
        return None;
    }
    container(pod).or_else(|| unscheduled(pod)).or_else(|| warning(view, pod)).or_else(|| status?.message.clone())
}

/// What a waiting container says; one that merely has not been made yet says nothing.
fn container(pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref()?;
    let mut all = status.init_container_statuses.iter().chain(&status.container_statuses).flatten();
    all.find_map(|s| {
        let waiting = s.state.as_ref()?.waiting.as_ref()?;
        let reason = waiting.reason.as_deref().filter(|r| !["ContainerCreating", "PodInitializing"].contains(r))?;
        let message = waiting.message.as_deref().filter(|m| !m.is_empty());
        Some(message.map_or_else(|| reason.to_owned(), |m| format!("{reason}: {m}")))
    })
}

fn unscheduled(pod: &Pod) -> Option<String> {
    let mut conditions = pod.status.iter().flat_map(|s| s.conditions.iter().flatten());
    conditions.find(|c| c.type_ == "PodScheduled" && c.status == "False")?.message.clone()
}

/// The latest warning about this very pod.
fn warning(view: &View, pod: &Pod) -> Option<String> {
    let about = |e: &&Event| e.involved_object.uid.as_deref() == Some(pod.uid());
    let warnings = view.list::<Event>(pod.namespace()).filter(about).filter(|e| e.type_.as_deref() == Some("Warning"));
    warnings.max_by_key(|e| e.last_timestamp.clone())?.message.clone()
}
