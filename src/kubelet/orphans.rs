//! Removes what is left of pods that are no more: containers, volumes in memory, files; and the data of claims that are
//! no more.

use std::collections::BTreeSet;
use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;

use super::hands::Hands;
use super::observe::{Observed, Pods};
use super::reclaim::Reclaim;
use super::runtime::Error;
use super::volumes;
use crate::api::{Object, Plan, View};

/// Removes all that is left of a pod.
///
/// # Errors
/// If the engine does not remove a container. Files that stay behind are logged, and tried again with the next sweep.
pub async fn clean(hands: &Hands, uid: &str, observed: &Observed) -> Result<(), Arc<Error>> {
    hands.prober.forget(uid);
    for container in observed.all().chain(&observed.sandboxes) {
        tracing::info!(container = container.name, "remove: its pod is gone");
        hands.runtime.remove(&container.id).await?;
    }
    if let Err(error) = volumes::clean(&*hands.runtime, &hands.config.state_root, uid).await {
        tracing::warn!(uid, %error, "files of a pod stay behind");
    }
    hands.release(uid);
    Ok(())
}

/// Removes the Docker volumes and lets the volumes go. One that a container still has waits for a later time.
pub async fn reclaim(hands: &Hands, all: Vec<Reclaim>) {
    for Reclaim { remove, free } in all {
        if let Some(name) = remove {
            if let Err(error) = hands.runtime.remove_volume(&name).await {
                hands.warn(&free, "VolumeFailedDelete", error.to_string()).await;
                continue;
            }
            tracing::info!(volume = name, "remove: its claim is gone");
        }
        let mut plan = Plan::nothing();
        plan.update(&free, "nothing holds it any more");
        hands.tell(plan).await;
    }
}

/// The uids of pods that have left something behind, and which neither the API nor a worker knows.
#[must_use]
pub fn find(view: &View, pods: &Pods, remembered: &[String], workers: &BTreeSet<String>) -> Vec<String> {
    let alive: BTreeSet<&str> = view.all::<Pod>().map(Object::uid).chain(workers.iter().map(String::as_str)).collect();
    let left: BTreeSet<&str> = pods.keys().chain(remembered).map(String::as_str).collect();
    left.difference(&alive).map(|uid| (*uid).to_owned()).collect()
}
