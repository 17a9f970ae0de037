//! Remembers what became of a round, and tells of what failed.

use k8s_openapi::api::core::v1::Pod;

use super::actions::Waiting;
use super::backoff::Memory;
use super::hands::Hands;
use super::plan::{pod_name, resize_key};
use super::sync::{Fault, Outcomes, Tried};
use crate::api::{Object, Timestamp};

/// Remembers what could and what could not be done, and tells of the latter.
pub async fn learn(hands: &Hands, pod: &Pod, memory: &mut Memory, outcomes: Outcomes<'_>) {
    for (tried, result) in outcomes {
        let name = match tried {
            Tried::Sandbox => String::new(),
            Tried::Start(start) => start.name.clone(),
            Tried::Resize(resize) => resize_key(&resize.name),
        };
        if let Err(fault) = &result {
            tell(hands, pod, tried, fault).await;
        }
        match result {
            Err(Fault { reason, message }) if reason != "StartError" => {
                memory.failed(&name, reason, message, Timestamp::now());
            }
            // One that the engine could not start has ended at once: how long it waits is a matter of crashes.
            _ => {
                memory.failures.remove(&name);
                // What the pod as a whole needs is there.
                memory.failures.remove("");
                if let Tried::Start(start) = tried
                    && let Some(crashed) = start.crashed
                {
                    memory.restarted(&name, crashed);
                }
            }
        }
    }
}

async fn tell(hands: &Hands, pod: &Pod, tried: Tried<'_>, Fault { reason, message }: &Fault) {
    match tried {
        Tried::Start(start) => {
            tracing::warn!(pod = %pod.key(), container = start.name, reason, "{message}");
            let reason = if *reason == "StartError" { "RunContainerError" } else { reason };
            hands.warn(pod, "Failed", format!("Error: {reason}: {message}")).await;
        }
        Tried::Sandbox | Tried::Resize(_) => {
            tracing::warn!(pod = %pod.key(), reason, "{message}");
            hands.warn(pod, reason, message.clone()).await;
        }
    }
}

/// The event of a container that waits because it failed before.
#[must_use]
pub fn back_off(pod: &Pod, name: &str, waiting: &Waiting) -> Option<String> {
    match waiting.reason.as_str() {
        "CrashLoopBackOff" => Some(format!("Back-off restarting failed container {name} in pod {}", pod_name(pod))),
        "ImagePullBackOff" => Some(waiting.message.clone()),
        _ => None,
    }
}
