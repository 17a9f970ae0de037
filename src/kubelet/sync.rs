//! Carries out what was decided for a pod: the executor, which decides nothing.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;

use futures_util::future::join_all;
use k8s_openapi::api::core::v1::Pod;
use tokio::sync::watch;

use super::actions::{PodActions, PreStop, Remove, Resize, Start, ending};
use super::background::Background;
use super::hands::Hands;
use super::observe::Observed;
use super::policy::declared;
use super::runtime::Error;
use super::volumes::{self, PodVolume};
use super::{admission, hooks, sandbox, start, stop};
use crate::api::{Object, Timestamp, View};

/// A pod and the round's view of the world.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// What does the work.
    pub hands: &'a Arc<Hands>,
    /// What goes on beside the rounds.
    pub background: &'a Background,
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

/// Why a sandbox or a container could not be started, or a container not be given other limits.
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

/// What was tried.
#[derive(Clone, Copy, Debug)]
pub enum Tried<'a> {
    /// To make the sandbox, or what all containers need.
    Sandbox,
    /// To start a container.
    Start(&'a Start),
    /// To give a container other limits.
    Resize(&'a Resize),
}

/// What became of it: the fault, if any.
pub type Outcomes<'a> = Vec<(Tried<'a>, Result<(), Fault>)>;

/// Does it all, in order; what takes its time only begins.
///
/// # Errors
/// If the engine did not remove something; the next round tries again.
pub async fn execute<'a>(work: Work<'_>, actions: &'a PodActions) -> Result<Outcomes<'a>, Error> {
    for wanted in &actions.pre_stop {
        pre_stop(work, wanted).await;
    }
    for wanted in &actions.kill {
        stop::begin(work, wanted).await;
    }
    let resized = join_all(actions.resize.iter().map(|r| async move { (Tried::Resize(r), resize(work, r).await) }));
    let mut outcomes = resized.await;
    for result in join_all(actions.remove.iter().map(|Remove { id, .. }| work.hands.runtime.remove(id))).await {
        gone(result)?;
    }
    if actions.sandbox.is_some() {
        outcomes.push((Tried::Sandbox, create_sandbox(work).await));
        return Ok(outcomes);
    }
    if actions.start.is_empty() {
        return Ok(outcomes);
    }
    match work.volumes {
        Err(fault) => outcomes.push((Tried::Sandbox, Err(fault.clone()))),
        Ok(volumes) => {
            let one = |s: &'a Start| async move { (Tried::Start(s), start::start(work, volumes, s).await) };
            outcomes.extend(join_all(actions.start.iter().map(one)).await);
        }
    }
    Ok(outcomes)
}

/// What is gone already need not be ended.
fn gone(result: Result<(), Error>) -> Result<(), Error> {
    match result {
        Err(Error::NotFound(_)) => Ok(()),
        other => other,
    }
}

async fn pre_stop(work: Work<'_>, wanted: &PreStop) {
    work.hands.event(work.pod, "Killing", ending(&wanted.name, &wanted.why)).await;
    if let Some(declared) = declared(work.pod, &wanted.name) {
        hooks::begin_pre_stop(work, &declared, wanted);
    }
}

async fn resize(work: Work<'_>, Resize { id, name, limits }: &Resize) -> Result<(), Fault> {
    work.hands.runtime.resize(id, limits).await.map_err(|e| Fault::new("ResizeError", &e))?;
    let generation = work.pod.metadata.generation.unwrap_or_default();
    let resources = declared(work.pod, name).and_then(|c| c.resources.clone()).unwrap_or_default();
    let containers = serde_json::json!([{"name": name, "resources": resources}]);
    let message = serde_json::json!({"containers": containers, "generation": generation});
    work.hands.event(work.pod, "ResizeCompleted", format!("Pod resize completed: {message}")).await;
    Ok(())
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
