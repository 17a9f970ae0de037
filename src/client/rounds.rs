//! The level-triggered loop that drives every component: a key is due when something that concerns it changed, a timer
//! ran out, or its last round failed.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use jiff::SignedDuration;

use super::Informer;
use crate::api::{Key, Timestamp, View};

/// How long a key waits after its first failed round; doubled by each further one.
const FIRST_BACKOFF: SignedDuration = SignedDuration::from_millis(50);
/// The longest wait after a failed round.
const LONGEST_BACKOFF: SignedDuration = SignedDuration::from_secs(30);
/// The longest wait of a key that failed and has changed since.
const CHANGED_BACKOFF: SignedDuration = SignedDuration::from_secs(1);

/// What came of one round.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The highest revision that the round wrote; 0 if it wrote nothing.
    pub written: u64,
    /// When to look again even if nothing changes.
    pub wake: Option<Timestamp>,
    /// Why the round could not do all that it wanted; it is tried again later.
    pub error: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl<E: std::error::Error + Send + Sync + 'static> From<Result<Option<Timestamp>, E>> for Outcome {
    /// The outcome of a round that writes nothing to the API.
    fn from(result: Result<Option<Timestamp>, E>) -> Self {
        match result {
            Ok(wake) => Self { wake, ..Self::default() },
            Err(error) => Self { error: Some(Box::new(error)), ..Self::default() },
        }
    }
}

/// Runs rounds, one at a time, until the returned future is dropped or the informer ends.
///
/// `keys` says which keys a changed key concerns (none, if it does not matter here); a component without keys of its own
/// returns one fixed key. `round` looks at everything that concerns a key, in a view that has all that earlier rounds
/// wrote, and is never told what changed. This is the only place where a component's time is read.
pub async fn run<K, R, F>(informer: &Informer, name: &str, keys: K, mut round: R)
where
    K: Fn(&View, &Key) -> Vec<Key>,
    R: FnMut(Key, Arc<View>, Timestamp) -> F,
    F: Future<Output = Outcome>,
{
    let mut changes = informer.changes();
    let mut agenda = Agenda::default();
    loop {
        while let Ok(key) = changes.try_recv() {
            agenda.changed(keys(&informer.view(), &key), Timestamp::now());
        }
        let now = Timestamp::now();
        match agenda.next() {
            Some((key, at)) if at <= now => {
                agenda.started(&key);
                let outcome = round(key.clone(), informer.view(), now).await;
                if let Some(error) = &outcome.error {
                    tracing::warn!(component = name, %key, error = %chain(error.as_ref()), "round failed");
                }
                informer.caught_up(outcome.written).await;
                agenda.ended(key, &outcome, Timestamp::now());
            }
            next => {
                let wait = next.map(|(_, at)| at.duration_since(now));
                match first(changes.recv(), wait).await {
                    Some(Some(key)) => agenda.changed(keys(&informer.view(), &key), Timestamp::now()),
                    Some(None) => {}
                    None => return,
                }
            }
        }
    }
}

/// The next change, or `Some(None)` if the wait is over before one comes; `None` when no more will come.
async fn first(change: impl Future<Output = Option<Key>>, wait: Option<SignedDuration>) -> Option<Option<Key>> {
    let Some(wait) = wait else {
        return change.await.map(Some);
    };
    match tokio::time::timeout(wait.unsigned_abs(), change).await {
        Ok(changed) => changed.map(Some),
        Err(_) => Some(None),
    }
}

/// An error with all its causes, on one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |e| e.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Which keys are due when. Pure: times are arguments.
#[derive(Debug, Default)]
struct Agenda {
    due: BTreeMap<Key, Timestamp>,
    failures: BTreeMap<Key, u32>,
}

impl Agenda {
    /// Something that concerns the keys changed: they are due now, or soon if their last round failed.
    fn changed(&mut self, keys: Vec<Key>, now: Timestamp) {
        for key in keys {
            let wait = self.failures.get(&key).map_or(SignedDuration::ZERO, |n| backoff(*n).min(CHANGED_BACKOFF));
            self.put(key, now + wait);
        }
    }

    /// The key that is due first, and when.
    fn next(&self) -> Option<(Key, Timestamp)> {
        self.due.iter().min_by_key(|(_, at)| **at).map(|(key, at)| (key.clone(), *at))
    }

    /// A round of the key begins: what is due from now on is due because of what comes.
    fn started(&mut self, key: &Key) {
        self.due.remove(key);
    }

    /// A round of the key is over.
    fn ended(&mut self, key: Key, outcome: &Outcome, now: Timestamp) {
        if outcome.error.is_some() {
            let failures = self.failures.entry(key.clone()).or_default();
            *failures += 1;
            let wait = backoff(*failures);
            self.put(key, now + wait);
        } else {
            self.failures.remove(&key);
            if let Some(wake) = outcome.wake {
                self.put(key, wake);
            }
        }
    }

    fn put(&mut self, key: Key, at: Timestamp) {
        self.due.entry(key).and_modify(|due| *due = at.min(*due)).or_insert(at);
    }
}

/// How long to wait after `failures` failed rounds in a row.
fn backoff(failures: u32) -> SignedDuration {
    (FIRST_BACKOFF * 2_i32.pow(failures.saturating_sub(1).min(10))).min(LONGEST_BACKOFF)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Pod;

    use super::*;
    use crate::api::Kind;

    fn key(name: &str) -> Key {
        Key::new(Kind::of::<Pod>(), "shop", name)
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    fn failed() -> Outcome {
        Outcome { error: Some("no".into()), ..Outcome::default() }
    }

    #[test]
    fn changes_of_a_key_coalesce_and_the_first_due_comes_first() {
        let mut agenda = Agenda::default();
        agenda.changed(vec![key("b"), key("a")], at(5));
        agenda.changed(vec![key("b")], at(7));
        agenda.changed(vec![key("c")], at(2));
        assert_eq!(agenda.next(), Some((key("c"), at(2))));
        for name in ["c", "a", "b"] {
            assert_eq!(agenda.next().unwrap().0, key(name));
            agenda.started(&key(name));
            agenda.ended(key(name), &Outcome::default(), at(9));
        }
        assert_eq!(agenda.next(), None);
    }

    #[test]
    fn a_failing_key_waits_longer_each_time_but_not_long_once_it_changed() {
        let mut agenda = Agenda::default();
        let mut waits = Vec::new();
        for _ in 0..12 {
            agenda.started(&key("a"));
            agenda.ended(key("a"), &failed(), at(0));
            waits.push(agenda.next().unwrap().1.as_millisecond());
        }
        assert_eq!(waits, [50, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]);
        agenda.changed(vec![key("a")], at(10));
        assert_eq!(agenda.next(), Some((key("a"), at(1010))));
        agenda.started(&key("a"));
        agenda.ended(key("a"), &Outcome::default(), at(2000));
        agenda.changed(vec![key("a")], at(3000));
        assert_eq!(agenda.next(), Some((key("a"), at(3000))));
    }

    #[test]
    fn a_wake_is_due_at_its_time_and_a_change_comes_before_it() {
        let mut agenda = Agenda::default();
        agenda.ended(key("a"), &Outcome { wake: Some(at(500)), ..Outcome::default() }, at(0));
        assert_eq!(agenda.next(), Some((key("a"), at(500))));
        agenda.changed(vec![key("a")], at(100));
        assert_eq!(agenda.next(), Some((key("a"), at(100))));
    }
}
