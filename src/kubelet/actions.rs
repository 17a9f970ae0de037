//! What one round decided for a pod: plain data with a text form.

use std::collections::BTreeMap;
use std::fmt;

use crate::api::Timestamp;

/// What to do for a pod now, in the order of the fields; each list may be worked on in parallel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodActions {
    /// Running containers to end.
    pub kill: Vec<Kill>,
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

/// A container to create and start.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// The container's name in the pod.
    pub name: String,
    /// Whether it is an init container.
    pub init: bool,
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
        let Self { kill, remove, sandbox, start, finish, .. } = self;
        kill.is_empty() && remove.is_empty() && sandbox.is_none() && start.is_empty() && finish.is_none()
    }

    /// Asks to look again at `at`, or earlier if that was asked for already.
    pub fn wake_at(&mut self, at: Timestamp) {
        self.wake = Some(self.wake.map_or(at, |w| w.min(at)));
    }
}

/// One line an action: `start web, attempt 1: it ended with code 1`.
impl fmt::Display for PodActions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Kill { name, grace, why, .. } in &self.kill {
            writeln!(f, "kill {name} within {grace} s: {why}")?;
        }
        for Remove { name, why, .. } in &self.remove {
            writeln!(f, "remove {name}: {why}")?;
        }
        if let Some(why) = &self.sandbox {
            writeln!(f, "create sandbox: {why}")?;
        }
        for Start { name, init, attempt, why, .. } in &self.start {
            writeln!(f, "start {}{name}, attempt {attempt}: {why}", if *init { "init " } else { "" })?;
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
