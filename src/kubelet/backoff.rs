//! How long to wait after failures: 10 s, doubling to 5 min. <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy>

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::actions::Waiting;
use crate::api::Timestamp;

/// The first wait in seconds.
const FIRST: i64 = 10;
/// The longest wait in seconds.
const LONGEST: i64 = 300;
/// A container that ran so long, in seconds, is forgiven its earlier crashes.
const FORGIVEN: i64 = 2 * LONGEST;

/// The wait after the `count`th failure in a row, counted from 1.
#[must_use]
pub fn delay(count: u32) -> SignedDuration {
    let doublings = count.saturating_sub(1).min(10);
    SignedDuration::from_secs((FIRST << doublings).min(LONGEST))
}

/// What a pod's worker remembers between rounds. All of it may be lost: then waits begin anew.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    crashes: BTreeMap<String, Crashes>,
    /// The containers that could not be started, by name; an empty name is the sandbox.
    pub failures: BTreeMap<String, Failure>,
}

#[derive(Clone, Debug, PartialEq)]
struct Crashes {
    count: u32,
    last: Timestamp,
}

/// Why a container could not be started, and when that is tried again.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The reason in CamelCase, such as `ErrImagePull`.
    pub reason: &'static str,
    /// The message for people.
    pub message: String,
    /// How often in a row.
    pub count: u32,
    /// Not before.
    pub retry: Timestamp,
}

impl Memory {
    /// Until when a container that ended at `finished` is to be left alone; `None` if it may start at once.
    #[must_use]
    pub fn crash_wait(&self, name: &str, finished: Timestamp) -> Option<(Timestamp, SignedDuration)> {
        let crashes = self.crashes.get(name).filter(|c| !c.forgiven(finished))?;
        let wait = delay(crashes.count);
        Some((finished + wait, wait))
    }

    /// Counts a restart after an end at `finished`.
    pub fn restarted(&mut self, name: &str, finished: Timestamp) {
        let count = self.crashes.get(name).filter(|c| !c.forgiven(finished)).map_or(0, |c| c.count);
        self.crashes.insert(name.to_owned(), Crashes { count: count + 1, last: finished });
    }

    /// Remembers that a container (or the sandbox, with an empty name) could not be started.
    pub fn failed(&mut self, name: &str, reason: &'static str, message: String, now: Timestamp) {
        let count = self.failures.get(name).filter(|f| f.reason == reason).map_or(1, |f| f.count.saturating_add(1));
        self.failures.insert(name.to_owned(), Failure { reason, message, count, retry: now + delay(count) });
    }

    /// Forgets what other images, or other credentials for registries, may have mended.
    pub fn pulls_changed(&mut self) {
        let by_image = ["ErrImagePull", "ErrImageNeverPull", "InvalidImageName"];
        self.failures.retain(|_, f| !by_image.contains(&f.reason));
    }

    /// Forgets what a change of the pod's configuration may have mended.
    pub fn configuration_changed(&mut self) {
        self.failures.retain(|_, f| !matches!(f.reason, "FailedMount" | "CreateContainerConfigError"));
    }
}

impl Failure {
    /// How the status tells it. Kubernetes tells of the first failed pull by itself, and of later ones as a back-off.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        let (reason, message) = match self.reason {
            "ErrImagePull" if self.count > 1 => {
                let parts = self.message.strip_prefix("failed to pull ").and_then(|m| m.split_once("\": "));
                let words = |(image, why): (&str, &str)| format!("Back-off pulling {image}\": ErrImagePull: {why}");
                ("ImagePullBackOff", parts.map_or_else(|| self.message.clone(), words))
            }
            reason => (reason, self.message.clone()),
        };
        Waiting { reason: reason.to_owned(), message }
    }
}

impl Crashes {
    fn forgiven(&self, now: Timestamp) -> bool {
        now.duration_since(self.last) > SignedDuration::from_secs(FORGIVEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crashes_wait_longer_and_longer_and_are_forgiven_after_ten_minutes() {
        let (mut memory, mut now, mut waits) = (Memory::default(), Timestamp::UNIX_EPOCH, Vec::new());
        for _ in 0..8 {
            waits.push(memory.crash_wait("app", now).map_or(0, |(_, wait)| wait.as_secs()));
            memory.restarted("app", now);
            now += SignedDuration::from_secs(301);
        }
        assert_eq!(waits, [0, 10, 20, 40, 80, 160, 300, 300]);
        now += SignedDuration::from_secs(600);
        assert_eq!(memory.crash_wait("app", now), None);
        memory.restarted("app", now);
        assert_eq!(memory.crash_wait("app", now).map(|(_, wait)| wait.as_secs()), Some(10));
    }
}
