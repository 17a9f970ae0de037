//! Runs what takes its time in a pod's containers, so that no round waits for it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::errand::{Errand, Errands};

/// The errands of one pod; they end when this is dropped.
pub struct Background {
    known: Arc<Mutex<Errands>>,
    tasks: Mutex<JoinSet<()>>,
    wake: Arc<Notify>,
}

impl Background {
    /// No errands yet; `wake` rings when one is over.
    #[must_use]
    pub fn new(wake: Arc<Notify>) -> Self {
        Self { known: Arc::default(), tasks: Mutex::default(), wake }
    }

    /// What is under way, and what has just ended.
    #[must_use]
    pub fn errands(&self) -> Errands {
        lock(&self.known).clone()
    }

    /// Forgets the errands in containers that are no more.
    pub fn keep(&self, ids: &BTreeSet<&str>) {
        lock(&self.known).retain(|id, _| ids.contains(id.as_str()));
    }

    /// The errand is about to begin.
    pub fn announce(&self, id: &str, errand: Errand) {
        lock(&self.known).insert(id.to_owned(), errand);
    }

    /// The errand that was announced will not begin.
    pub fn forget(&self, id: &str) {
        lock(&self.known).remove(id);
    }

    /// Begins an errand in a container, in place of any other one there. What it turns into when it is over is what `work`
    /// returns, unless another one has taken its place by then.
    pub fn begin(&self, id: &str, errand: Errand, work: impl Future<Output = Option<Errand>> + Send + 'static) {
        self.announce(id, errand.clone());
        let (known, wake, id) = (self.known.clone(), self.wake.clone(), id.to_owned());
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            let next = work.await;
            let mut known = lock(&known);
            if known.get(&id) == Some(&errand) {
                match next {
                    Some(next) => known.insert(id, next),
                    None => known.remove(&id),
                };
            }
            drop(known);
            wake.notify_one();
        });
    }
}

/// The errands, whoever failed while holding them: each change of them is whole.
fn lock(known: &Mutex<Errands>) -> MutexGuard<'_, Errands> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Timestamp;

    #[tokio::test]
    async fn an_errand_that_was_overtaken_changes_nothing_when_it_ends() {
        let wake = Arc::new(Notify::new());
        let errands = Background::new(wake.clone());
        let until = Timestamp::UNIX_EPOCH;
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        errands.begin("c1", Errand::PreStop { until }, async move {
            let _ = ended.await;
            Some(Errand::PreStopped { until })
        });
        errands.announce("c1", Errand::Stop { until });
        end.send(()).unwrap();
        wake.notified().await;
        assert_eq!(errands.errands()["c1"], Errand::Stop { until });
        errands.begin("c1", Errand::Stop { until }, async { None });
        wake.notified().await;
        assert!(errands.errands().is_empty());
    }
}
