//! Runs the hooks of containers. <https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/>

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Container as Declared, LifecycleHandler, Pod};

use super::actions::PreStop;
use super::errand::Errand;
use super::exec;
use super::hands::Hands;
use super::plan::pod_name;
use super::policy::{post_start, pre_stop};
use super::probes::http_hook;
use super::sync::Work;
use crate::api::Timestamp;

/// Runs the postStart hook of a container that has just been started with this id, beside the rounds.
pub fn begin_post_start(work: Work<'_>, declared: &Declared, id: &str) {
    let Some(handler) = post_start(declared).cloned() else { return };
    let (hands, pod, target) = (work.hands.clone(), work.pod.clone(), target(work, declared, id));
    work.background.begin(id, Errand::PostStart, async move {
        let failed = run(&hands, &pod, &handler, &target).await.err()?;
        tracing::warn!(container = target.container.name, "{failed}");
        // Not why: an answer of the hook may hold what is not for everybody.
        hands.warn(&pod, "FailedPostStartHook", "PostStartHook failed".to_owned()).await;
        Some(Errand::PostStartFailed(failed))
    });
}

/// Runs the preStop hook of a container that is to end, beside the rounds and no longer than until then.
pub fn begin_pre_stop(work: Work<'_>, declared: &Declared, wanted: &PreStop) {
    let Some(handler) = pre_stop(declared).cloned() else { return };
    let (hands, pod, target) = (work.hands.clone(), work.pod.clone(), target(work, declared, &wanted.id));
    let (until, over) = (wanted.until, Errand::PreStopped { until: wanted.until });
    work.background.begin(&wanted.id, Errand::PreStop { until }, async move {
        let limit = Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or_default();
        match tokio::time::timeout(limit, run(&hands, &pod, &handler, &target)).await {
            Ok(Ok(())) => {}
            Ok(Err(failed)) => {
                tracing::warn!(container = target.container.name, "{failed}");
                hands.warn(&pod, "FailedPreStopHook", "PreStopHook failed".to_owned()).await;
            }
            Err(_) => tracing::warn!(container = target.container.name, "the preStop hook took all of the grace"),
        }
        Some(over)
    });
}

/// The container that a hook concerns.
struct Target {
    container: Declared,
    id: String,
    pod_ip: String,
}

fn target(work: Work<'_>, declared: &Declared, id: &str) -> Target {
    let told = work.pod.status.as_ref().and_then(|s| s.pod_ip.clone());
    let pod_ip = work.observed.address().map(|a| a.to_string()).or(told).unwrap_or_default();
    Target { container: declared.clone(), id: id.to_owned(), pod_ip }
}

/// Runs one hook to its end; the error says in Kubernetes' words what failed.
async fn run(hands: &Arc<Hands>, pod: &Pod, handler: &LifecycleHandler, target: &Target) -> Result<(), String> {
    let name = &target.container.name;
    let about = |what: &str| format!("{what} for Container \"{name}\" in Pod \"{}\" failed", pod_name(pod));
    if let Some(exec) = &handler.exec {
        let command = exec.command.clone().unwrap_or_default();
        let about = about(&format!("Exec lifecycle hook ({command:?})"));
        let done = exec::run(&*hands.runtime, &target.id, &command, &[]).await;
        let done = done.map_err(|e| format!("{about} - error: {e}, message: \"\""))?;
        return match done.code {
            Some(0) => Ok(()),
            code => {
                let (code, words) = (code.unwrap_or(-1), command.join(" "));
                let error = format!("command '{words}' exited with {code}: {}", done.output.trim_end());
                Err(format!("{about} - error: {error}, message: {:?}", done.output))
            }
        };
    }
    if let Some(get) = &handler.http_get {
        let about = about(&format!("HTTP lifecycle hook ({})", get.path.as_deref().unwrap_or_default()));
        // Whatever is answered: a hook asks nothing, it tells.
        let told = http_hook(get, &target.container, &target.pod_ip).await;
        return told.map_err(|e| format!("{about} - error: {e}"));
    }
    if let Some(sleep) = &handler.sleep {
        tokio::time::sleep(Duration::from_secs(sleep.seconds.max(0).unsigned_abs())).await;
        return Ok(());
    }
    // Kubernetes too accepts `tcpSocket` and can't run it.
    Err(format!("Cannot run handler: invalid handler for Container \"{name}\" in Pod \"{}\"", pod_name(pod)))
}
