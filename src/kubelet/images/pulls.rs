//! Pulls: one for all that ask for the same image at the same time, and how far those under way are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::credentials::Credentials;
use crate::kubelet::actions::Waiting;
use crate::kubelet::runtime::{Error, PullProgress, Runtime};

/// A pod's uid and the name of its container.
type Who = (String, String);
/// An image, and who asks for it: one who may not have it must not get it through one who may.
type What = (String, Option<Credentials>);

/// The pulls under way.
#[derive(Default)]
pub struct Pulls {
    waiting: Mutex<BTreeMap<Who, (String, PullProgress)>>,
    going: Mutex<BTreeMap<What, Weak<Pull>>>,
}

/// A pull, which is given up when nobody waits for it any more.
struct Pull {
    state: watch::Receiver<State>,
    task: AbortHandle,
}

#[derive(Clone)]
enum State {
    Going(PullProgress),
    Done(Result<(), Arc<Error>>),
}

/// Somebody who waits for a pull, until this is dropped.
pub struct Waiter<'a> {
    pulls: &'a Pulls,
    who: Who,
}

impl Pulls {
    /// A container of a pod waits for an image from now on.
    pub fn begin(&self, uid: &str, container: &str, image: &str) -> Waiter<'_> {
        let who = (uid.to_owned(), container.to_owned());
        lock(&self.waiting).insert(who.clone(), (image.to_owned(), PullProgress::default()));
        Waiter { pulls: self, who }
    }

    /// What containers of a pod wait for, by their names.
    #[must_use]
    pub fn of(&self, uid: &str) -> BTreeMap<String, Waiting> {
        let all = lock(&self.waiting);
        let of_pod = all.iter().filter(|((of, _), _)| of == uid);
        let waiting = |message| Waiting { reason: "ContainerCreating".to_owned(), message };
        of_pod.map(|((_, name), (image, progress))| (name.clone(), waiting(message(image, progress)))).collect()
    }

    /// The pull of this image with these credentials: the one under way, or else a new one.
    fn join(&self, runtime: &Arc<dyn Runtime>, what: What) -> Arc<Pull> {
        let mut going = lock(&self.going);
        going.retain(|_, pull| pull.strong_count() > 0);
        let known = going.get(&what).and_then(Weak::upgrade);
        if let Some(pull) = known.filter(|pull| matches!(*pull.state.borrow(), State::Going(_))) {
            return pull;
        }
        let (told, state) = watch::channel(State::Going(PullProgress::default()));
        let ((image, credentials), runtime) = (what.clone(), runtime.clone());
        let task = tokio::spawn(async move {
            let progress = |so_far| drop(told.send_replace(State::Going(so_far)));
            let done = runtime.pull(&image, credentials.as_ref(), &progress).await;
            told.send_replace(State::Done(done.map_err(Arc::new)));
        });
        let pull = Arc::new(Pull { state, task: task.abort_handle() });
        going.insert(what, Arc::downgrade(&pull));
        pull
    }
}

impl Waiter<'_> {
    /// Waits for the pull of an image with these credentials to end.
    ///
    /// # Errors
    /// Why the registry or the engine did not give it.
    pub async fn pull(
        &self,
        runtime: &Arc<dyn Runtime>,
        image: &str,
        credentials: Option<&Credentials>,
    ) -> Result<(), Arc<Error>> {
        let pull = self.pulls.join(runtime, (image.to_owned(), credentials.cloned()));
        let mut state = pull.state.clone();
        loop {
            let now = state.borrow_and_update().clone();
            match now {
                State::Going(progress) => self.hear(progress),
                State::Done(done) => return done,
            }
            if state.changed().await.is_err() {
                return Err(Arc::new(Error::Image("the pull came to no end".to_owned())));
            }
        }
    }

    fn hear(&self, now: PullProgress) {
        if let Some((_, progress)) = lock(&self.pulls.waiting).get_mut(&self.who) {
            *progress = now;
        }
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        lock(&self.pulls.waiting).remove(&self.who);
    }
}

impl Drop for Pull {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The map, whoever failed while holding it: each change of it is whole.
fn lock<T>(map: &Mutex<T>) -> MutexGuard<'_, T> {
    map.lock().unwrap_or_else(PoisonError::into_inner)
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
    use tokio::time::{Duration, sleep};

    use super::*;
    use crate::kubelet::fake::Fake;

    #[tokio::test]
    async fn a_pull_is_told_of_in_bytes_to_all_that_wait_for_it() {
        let fake = Arc::new(Fake::default());
        fake.publish_slowly("nginx:1", PullProgress { done: 12_399_999, total: 45_600_000 });
        let runtime: Arc<dyn Runtime> = fake.clone();
        let pulls = Pulls::default();
        let (one, two) = (pulls.begin("u1", "web", "nginx:1"), pulls.begin("u2", "app", "nginx:1"));
        assert_eq!(pulls.of("u1")["web"].message, "pulling nginx:1");
        let both = async { tokio::join!(one.pull(&runtime, "nginx:1", None), two.pull(&runtime, "nginx:1", None)) };
        let watch = async {
            let said = "pulling nginx:1: 12.3 of 45.6 MB";
            while pulls.of("u1")["web"].message != said || pulls.of("u2")["app"].message != said {
                sleep(Duration::from_millis(5)).await;
            }
            fake.publish("nginx:1");
        };
        let ((first, second), ()) = tokio::join!(both, watch);
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(fake.pulls(), ["nginx:1 by nobody"], "one pull for both");
        drop((one, two));
        assert!(pulls.of("u1").is_empty() && pulls.of("u2").is_empty());
    }

    #[tokio::test]
    async fn a_pull_is_shared_only_by_those_with_the_same_credentials_and_given_up_with_the_last() {
        let fake = Arc::new(Fake::default());
        let runtime: Arc<dyn Runtime> = fake.clone();
        fake.publish_slowly("r.io/a", PullProgress::default());
        let (pulls, ann) = (Pulls::default(), Credentials { username: "ann".to_owned(), ..Credentials::default() });
        let one = pulls.begin("u1", "c", "r.io/a");
        let first = tokio::time::timeout(Duration::from_millis(50), one.pull(&runtime, "r.io/a", Some(&ann))).await;
        assert!(first.is_err(), "nobody has published it");
        fake.publish("r.io/a");
        one.pull(&runtime, "r.io/a", None).await.unwrap();
        one.pull(&runtime, "r.io/a", Some(&ann)).await.unwrap();
        assert_eq!(fake.pulls(), ["r.io/a by ann", "r.io/a by nobody", "r.io/a by ann"]);
        let none = one.pull(&runtime, "r.io/b", None).await.unwrap_err();
        assert_eq!(none.to_string(), "manifest for r.io/b not found");
    }
}
