//! How far the pulls under way are, for the status of the containers that wait for them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::actions::Waiting;
use super::runtime::PullProgress;

/// A pod's uid and the name of its container.
type Who = (String, String);

/// The pulls under way.
#[derive(Default)]
pub struct Pulls {
    all: Mutex<BTreeMap<Who, (String, PullProgress)>>,
}

/// A pull, which is under way until this is dropped.
pub struct Pulling<'a> {
    pulls: &'a Pulls,
    who: Who,
}

impl Pulls {
    /// A pull of an image for a container of a pod begins.
    pub fn begin(&self, uid: &str, container: &str, image: &str) -> Pulling<'_> {
        let who = (uid.to_owned(), container.to_owned());
        self.lock().insert(who.clone(), (image.to_owned(), PullProgress::default()));
        Pulling { pulls: self, who }
    }

    /// What containers of a pod wait for, by their names.
    #[must_use]
    pub fn of(&self, uid: &str) -> BTreeMap<String, Waiting> {
        let all = self.lock();
        let of_pod = all.iter().filter(|((of, _), _)| of == uid);
        let waiting = |message| Waiting { reason: "ContainerCreating".to_owned(), message };
        of_pod.map(|((_, name), (image, progress))| (name.clone(), waiting(message(image, progress)))).collect()
    }

    /// The pulls, whoever failed while holding them: each change of them is whole.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Who, (String, PullProgress)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pulling<'_> {
    /// It is so far now.
    pub fn hear(&self, now: PullProgress) {
        if let Some((_, progress)) = self.pulls.lock().get_mut(&self.who) {
            *progress = now;
        }
    }
}

impl Drop for Pulling<'_> {
    fn drop(&mut self) {
        self.pulls.lock().remove(&self.who);
    }
}

/// `pulling nginx:1.27: 12.3 of 45.6 MB`; without numbers until some are known.
fn message(image: &str, PullProgress { done, total }: &PullProgress) -> String {
    // Tenths of a million bytes, rounded down: what is said to be there is there.
    let megabytes = |bytes: u64| format!("{}.{}", bytes / 1_000_000, bytes / 100_000 % 10);
    match total {
        0 => format!("pulling {image}"),
        _ => format!("pulling {image}: {} of {} MB", megabytes(*done), megabytes(*total)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pull_is_told_of_in_bytes_until_it_is_over() {
        let pulls = Pulls::default();
        let pulling = pulls.begin("u1", "web", "nginx:1.27");
        assert_eq!(pulls.of("u1")["web"].message, "pulling nginx:1.27");
        pulling.hear(PullProgress { done: 12_399_999, total: 45_600_000 });
        assert_eq!(pulls.of("u1")["web"].message, "pulling nginx:1.27: 12.3 of 45.6 MB");
        assert!(pulls.of("u2").is_empty());
        drop(pulling);
        assert!(pulls.of("u1").is_empty());
    }
}
