//! Sorts the engine's containers by the pods that their labels name.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::runtime::{Container, State};
use crate::api::Timestamp;
use crate::api::names::container as label;

/// What the engine has of one pod.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// Its sandboxes, the newest first; more than one only while an old one awaits its removal.
    pub sandboxes: Vec<Container>,
    /// Its containers by their names in the pod, the newest first.
    pub containers: BTreeMap<String, Vec<Container>>,
}

/// What the engine has, by the uids of pods.
pub type Pods = BTreeMap<String, Observed>;

/// Sorts containers by pod and name; those without a pod's label are left out.
#[must_use]
pub fn by_pod(containers: Vec<Container>) -> Pods {
    let mut pods = Pods::new();
    for container in containers {
        let Some(uid) = container.labels.get(label::UID) else { continue };
        let observed = pods.entry(uid.clone()).or_default();
        match container.labels.get(label::CONTAINER).cloned() {
            None => observed.sandboxes.push(container),
            Some(name) => observed.containers.entry(name).or_default().push(container),
        }
    }
    for observed in pods.values_mut() {
        observed.sandboxes.sort_by_key(|c| std::cmp::Reverse(c.created));
        for same in observed.containers.values_mut() {
            same.sort_by_key(|c| std::cmp::Reverse((c.attempt(), c.created)));
        }
    }
    pods
}

impl Observed {
    /// The newest sandbox.
    #[must_use]
    pub fn sandbox(&self) -> Option<&Container> {
        self.sandboxes.first()
    }

    /// The newest sandbox, if it runs and all that runs in the pod joined it after it was last started: containers
    /// that joined it earlier have been left with nothing but a loopback.
    #[must_use]
    pub fn sound_sandbox(&self) -> Option<&Container> {
        let sandbox = self.sandbox()?;
        let since = sandbox.running_since()?;
        let cut_off = |c: &Container| sandbox.has_member(c) && c.running_since().is_some_and(|started| started < since);
        (!self.all().any(cut_off)).then_some(sandbox)
    }

    /// The pod's address, while it has one.
    #[must_use]
    pub fn address(&self) -> Option<Ipv4Addr> {
        self.sound_sandbox()?.address
    }

    /// The containers of that name which were started, or could not be, the newest first.
    pub fn started(&self, name: &str) -> impl Iterator<Item = &Container> {
        self.containers.get(name).into_iter().flatten().filter(|c| !c.is_stillborn())
    }

    /// The newest container of that name which was started.
    #[must_use]
    pub fn newest(&self, name: &str) -> Option<&Container> {
        self.started(name).next()
    }

    /// All containers but the sandboxes.
    pub fn all(&self) -> impl Iterator<Item = &Container> {
        self.containers.values().flatten()
    }

    /// Whether nothing is left of the pod.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sandboxes.is_empty() && self.containers.is_empty()
    }
}

impl Container {
    /// How often the container was restarted before.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.labels.get(label::ATTEMPT).and_then(|a| a.parse().ok()).unwrap_or_default()
    }

    /// The container's name in its pod; `POD` for a sandbox.
    #[must_use]
    pub fn role(&self) -> &str {
        self.labels.get(label::CONTAINER).map_or("POD", String::as_str)
    }

    /// When it was started, if it runs.
    #[must_use]
    pub fn running_since(&self) -> Option<Timestamp> {
        match self.state {
            State::Running { started } => Some(started),
            _ => None,
        }
    }

    /// Whether it was created and then left alone, as the agent ended in between. One whose start failed has ended.
    #[must_use]
    pub fn is_stillborn(&self) -> bool {
        match &self.state {
            State::Created => true,
            State::Exited { started: None, error, .. } => error.is_empty(),
            _ => false,
        }
    }

    /// Whether `other` was created for this sandbox rather than for an earlier one.
    #[must_use]
    pub fn has_member(&self, other: &Container) -> bool {
        other.created >= self.created
    }
}
