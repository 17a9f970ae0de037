//! What one round decided for a pod: plain data with a text form.

use std::collections::BTreeMap;
use std::fmt;

use super::runtime::Limits;
use crate::api::Timestamp;

/// What to do for a pod now, in the order of the fields; each list may be worked on in parallel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodActions {
    /// Running containers that are to end and have a hook to run before.
    pub pre_stop: Vec<PreStop>,
    /// Running containers to end.
    pub kill: Vec<Kill>,
    /// Running containers whose limits change.
    pub resize: Vec<Resize>,
    /// Containers and sandboxes to remove, running or not.
    pub remove: Vec<Remove>,
    /// Create and start a sandbox, because of this.
    pub sandbox: Option<String>,
    /// Containers to create and start.
    pub start: Vec<Start>,
    /// The pod has ended for good: take it out of the API, because of this.
    pub finish: Option<String>,
    /// Why containers don't run, by name, for the status.
    pub waiting: BTreeMap<String, Waiting>,
    /// When to look again even if nothing changes.
    pub wake: Option<Timestamp>,
}

/// A running container whose preStop hook is to run.
#[derive(Clone, Debug, PartialEq)]
pub struct PreStop {
    /// The engine's id.
    pub id: String,
    /// The container's name in the pod.
    pub name: String,
    /// When the container is to have ended, hook and all.
    pub until: Timestamp,
    /// Seconds until then.
    pub grace: i64,
    /// The cause, in words.
    pub why: String,
}

/// A running container to end.
#[derive(Clone, Debug, PartialEq)]
pub struct Kill {
    /// The engine's id.
    pub id: String,
    /// The container's name in the pod.
    pub name: String,
    /// Seconds between the request to end and the end.
    pub grace: i64,
    /// The cause, in words.
    pub why: String,
}

/// A running container that gets other limits.
#[derive(Clone, Debug, PartialEq)]
pub struct Resize {
    /// The engine's id.
    pub id: String,
    /// The container's name in the pod.
    pub name: String,
    /// What it gets.
    pub limits: Limits,
}

/// A container or sandbox to remove.
#[derive(Clone, Debug, PartialEq)]
pub struct Remove {
    /// The engine's id.
    pub id: String,
    /// The engine's name for it.
    pub name: String,
    /// The cause, in words.
    pub why: String,
}

/// Of which list of the pod's spec a container is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `initContainers`.
    Init,
    /// `containers`.
    App,
    /// `ephemeralContainers`.
    Ephemeral,
}

/// A container to create and start.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// The container's name in the pod.
    pub name: String,
    /// Of which list it is.
    pub role: Role,
    /// How often it was restarted before.
    pub attempt: u32,
    /// When the one before it ended, if that crashed.
    pub crashed: Option<Timestamp>,
    /// The cause, in words.
    pub why: String,
}

/// Why a container does not run, as its status tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// The reason in CamelCase.
    pub reason: String,
    /// The message for people; may be empty.
    pub message: String,
}

impl PodActions {
    /// Whether there is nothing to do now.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let Self { pre_stop, kill, resize, remove, sandbox, start, finish, waiting: _, wake: _ } = self;
        let ends = pre_stop.is_empty() && kill.is_empty() && remove.is_empty() && finish.is_none();
        ends && resize.is_empty() && sandbox.is_none() && start.is_empty()
    }

    /// Asks to look again at `at`, or earlier if that was asked for already.
    pub fn wake_at(&mut self, at: Timestamp) {
        self.wake = Some(self.wake.map_or(at, |w| w.min(at)));
    }
}

/// How an event tells of the end of a container: faults say themselves what happens.
#[must_use]
pub fn ending(name: &str, why: &str) -> String {
    if why.starts_with("Container ") || why == "FailedPostStartHook" {
        why.to_owned()
    } else {
        format!("Stopping container {name}")
    }
}

impl Role {
    fn prefix(self) -> &'static str {
        match self {
            Self::Init => "init ",
            Self::App => "",
            Self::Ephemeral => "ephemeral ",
        }
    }
}

/// One line an action: `start web, attempt 1: it ended with code 1`.
impl fmt::Display for PodActions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for PreStop { name, grace, why, .. } in &self.pre_stop {
            writeln!(f, "preStop {name} within {grace} s: {why}")?;
        }
        for Kill { name, grace, why, .. } in &self.kill {
            writeln!(f, "kill {name} within {grace} s: {why}")?;
        }
        for Resize { name, limits, .. } in &self.resize {
            writeln!(f, "resize {name} to {limits}")?;
        }
        for Remove { name, why, .. } in &self.remove {
            writeln!(f, "remove {name}: {why}")?;
        }
        if let Some(why) = &self.sandbox {
            writeln!(f, "create sandbox: {why}")?;
        }
        for Start { name, role, attempt, why, .. } in &self.start {
            writeln!(f, "start {}{name}, attempt {attempt}: {why}", role.prefix())?;
        }
        if let Some(why) = &self.finish {
            writeln!(f, "finish: {why}")?;
        }
        for (name, Waiting { reason, message }) in &self.waiting {
            writeln!(f, "{name} waits: {reason} {message}")?;
        }
        self.wake.map_or(Ok(()), |at| writeln!(f, "wake at {at}"))
    }
}
