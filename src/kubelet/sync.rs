//! Carries out what was decided for a pod: the executor, which decides nothing.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use futures_util::future::join_all;
use k8s_openapi::api::core::v1::Pod;
use tokio::sync::watch;

use super::actions::{Kill, PodActions, Remove, Start};
use super::hands::Hands;
use super::observe::Observed;
use super::runtime::Error;
use super::volumes::{self, PodVolume};
use super::{admission, sandbox, start};
use crate::api::{Object, Timestamp, View};

/// A pod and the round's view of the world.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// What does the work.
    pub hands: &'a Hands,
    /// The pod.
    pub pod: &'a Pod,
    /// What the engine has of it.
    pub observed: &'a Observed,
    /// The addresses of all containers.
    pub seen: &'a BTreeSet<Ipv4Addr>,
    /// The objects that the pod refers to.
    pub view: &'a View,
    /// Its volumes, ready to be mounted, or why they are not.
    pub volumes: Result<&'a [PodVolume], &'a Fault>,
    /// Changes when slow work has become pointless.
    pub urgency: &'a watch::Receiver<Urgency>,
}

/// When the pod is to have ended, if it is to end; `None` once it is gone.
pub type Urgency = Option<Option<Timestamp>>;

impl Work<'_> {
    /// Returns when what this round decided may be wrong, because the pod is to end, or to end sooner.
    pub async fn overtaken(&self) {
        // An error means that the kubelet itself ends.
        let _ = self.urgency.clone().changed().await;
    }
}

/// Why a sandbox or a container could not be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The reason in CamelCase, as the container's status and the event tell it.
    pub reason: &'static str,
    /// The message for people.
    pub message: String,
}

impl Fault {
    /// A fault from whatever says itself in words.
    pub fn new(reason: &'static str, message: &dyn std::fmt::Display) -> Self {
        Self { reason, message: message.to_string() }
    }
}

/// What became of the starts: the container (the sandbox has none) and its fault, if any.
pub type Started<'a> = Vec<(Option<&'a Start>, Result<(), Fault>)>;

/// Does it all, in order.
///
/// # Errors
/// If the engine did not end or remove something; the next round tries again.
pub async fn execute<'a>(work: Work<'_>, actions: &'a PodActions) -> Result<Started<'a>, Error> {
    for result in join_all(actions.kill.iter().map(|k| kill(work, k))).await {
        gone(result)?;
    }
    for result in join_all(actions.remove.iter().map(|Remove { id, .. }| work.hands.runtime.remove(id))).await {
        gone(result)?;
    }
    if actions.sandbox.is_some() {
        return Ok(vec![(None, create_sandbox(work).await)]);
    }
    if actions.start.is_empty() {
        return Ok(Vec::new());
    }
    match work.volumes {
        Err(fault) => Ok(vec![(None, Err(fault.clone()))]),
        Ok(volumes) => {
            let one = |s: &'a Start| async move { (Some(s), start::start(work, volumes, s).await) };
            Ok(join_all(actions.start.iter().map(one)).await)
        }
    }
}

/// What is gone already need not be ended.
fn gone(result: Result<(), Error>) -> Result<(), Error> {
    match result {
        Err(Error::NotFound(_)) => Ok(()),
        other => other,
    }
}

async fn kill(work: Work<'_>, Kill { id, name, grace, why }: &Kill) -> Result<(), Error> {
    if name != "POD" {
        let told = if why.starts_with("Container ") { why.clone() } else { format!("Stopping container {name}") };
        work.hands.event(work.pod, "Killing", told).await;
    }
    tokio::select! {
        result = work.hands.runtime.stop(id, *grace) => result,
        // A shorter grace or none at all: the next round knows.
        () = work.overtaken() => Ok(()),
    }
}

/// Makes the pod's volumes, and the sandbox that holds its network.
async fn create_sandbox(work: Work<'_>) -> Result<(), Fault> {
    let Work { hands, pod, .. } = work;
    admission::check(pod, work.view, &hands.about.load(), &hands.config.sysctls)?;
    let volumes = work.volumes.map_err(Clone::clone)?;
    let prepared = volumes::prepare(&*hands.runtime, &hands.config.state_root, volumes).await;
    prepared.map_err(|e| Fault::new("FailedMount", &e))?;
    let failed = |error: &dyn std::fmt::Display| Fault::new("FailedCreatePodSandBox", error);
    let taken = hands.lock_addresses().take(hands.config.ranges, pod.uid(), work.seen, Timestamp::now());
    let address = taken.ok_or_else(|| failed(&"no address is free on the node's network"))?;
    let spec = sandbox::sandbox(pod, hands.place(), address, volumes::sandbox_mounts(volumes));
    tracing::debug!(pod = %pod.key(), %address, "sandbox");
    let _turn = hands.starts.acquire().await;
    let created = hands.runtime.create(&spec).await;
    let id = created.map_err(|e| match volumes::blame(volumes, &e.to_string()) {
        Some(message) => Fault::new("FailedMount", &message),
        None => failed(&e),
    })?;
    if let Err(error) = hands.runtime.start(&id).await {
        // It holds a name, and perhaps ports, that the next attempt needs.
        if let Err(error) = hands.runtime.remove(&id).await {
            tracing::warn!(pod = %pod.key(), %error, "a sandbox that did not start stays behind");
        }
        return Err(failed(&error));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
