//! Keeps one view of many kinds current, and tells which keys changed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::future::try_join_all;
use futures_util::{StreamExt, stream};
use tokio::sync::{mpsc, watch};

use super::{Client, Error, Flow, ListOptions, Moment, WatchEvent};
use crate::api::{KINDS, Key, Kind, Value, View};

/// How many changes are taken into one new view at most.
const BATCH: usize = 256;
/// The wait after a failure: the first, and the longest.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

/// A view that follows the store. Cheap to clone; all clones share one view.
#[derive(Clone)]
pub struct Informer {
    shared: Arc<Shared>,
    _following: Arc<Following>,
}

/// What the informer and the task that follows share.
struct Shared {
    view: ArcSwap<View>,
    revision: watch::Sender<u64>,
    listeners: Mutex<Vec<mpsc::UnboundedSender<Key>>>,
}

/// The task that follows; it ends with the last clone of the informer.
struct Following(tokio::task::JoinHandle<()>);

impl Drop for Following {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Informer {
    /// Lists the kinds, then follows them until the informer is dropped.
    ///
    /// # Errors
    /// If the first list fails.
    pub async fn start(client: &Client, kinds: &[&'static Kind]) -> Result<Self, Error> {
        let mut round = Round::list(client, kinds).await?;
        let shared = Arc::new(Shared {
            view: ArcSwap::from_pointee(round.view.clone()),
            revision: watch::Sender::new(round.view.revision),
            listeners: Mutex::default(),
        });
        let (client, kinds, told) = (client.clone(), kinds.to_vec(), shared.clone());
        let task = tokio::spawn(async move {
            let mut wait = BACKOFF.0;
            loop {
                let started = tokio::time::Instant::now();
                if let Err(error) = round.follow(&client, &told).await {
                    tracing::debug!(%error, "a watch ended, listing again");
                }
                // A watch that lasted was healthy: the next failure is a first one.
                wait = if started.elapsed() > BACKOFF.1 { BACKOFF.0 } else { (wait * 2).min(BACKOFF.1) };
                tokio::time::sleep(wait).await;
                match Round::list(&client, &kinds).await {
                    Ok(next) => {
                        let keys: Vec<_> = [&round.view, &next.view].into_iter().flat_map(all_keys).collect();
                        round = next;
                        told.publish(&round.view, &keys);
                    }
                    Err(error) => tracing::warn!(%error, "the API can't be listed"),
                }
            }
        });
        Ok(Self { shared, _following: Arc::new(Following(task)) })
    }

    /// The newest view.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        self.shared.view.load_full()
    }

    /// The keys that change from now on, in order; every key that is there comes first. When a key arrives, the view
    /// shows its change.
    #[must_use]
    pub fn changes(&self) -> mpsc::UnboundedReceiver<Key> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut listeners = self.shared.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        let view = self.view();
        for key in all_keys(&view) {
            let _ = sender.send(key); // the receiver is here
        }
        listeners.push(sender);
        receiver
    }

    /// Waits until the view shows at least this revision, whatever kind the revision belongs to.
    pub async fn caught_up(&self, revision: u64) {
        // The sender lives as long as `self`: this can't fail.
        let _ = self.shared.revision.subscribe().wait_for(|seen| *seen >= revision).await;
    }
}

/// A view of the kinds as they are now, for who looks once and follows nothing.
///
/// # Errors
/// If a list fails.
pub async fn observe(client: &Client, kinds: &[&'static Kind]) -> Result<View, Error> {
    Ok(Round::list(client, kinds).await?.view)
}

impl Shared {
    /// Shows the view, then tells the keys. Under the listeners' lock, so that a new listener misses nothing.
    fn publish(&self, view: &View, keys: &[Key]) {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        self.view.store(Arc::new(view.clone()));
        self.revision.send_replace(view.revision);
        listeners.retain(|listener| keys.iter().all(|key| listener.send(key.clone()).is_ok()) && !listener.is_closed());
    }
}

/// What the watch of a kind tells; `None` when it ends.
type Told = (&'static Kind, Option<Result<Moment, Error>>);

/// One list and what was followed since.
struct Round {
    view: View,
    /// How far the watch of each kind got. The view's revision is the lowest: it shows all kinds at least there.
    progress: BTreeMap<&'static Kind, u64>,
}

impl Round {
    async fn list(client: &Client, kinds: &[&'static Kind]) -> Result<Self, Error> {
        let mut round = Self { view: View::default(), progress: BTreeMap::new() };
        let options = ListOptions::default();
        // Side by side: each of them is little work and a long way.
        let lists = try_join_all(kinds.iter().map(|kind| client.list(kind, &options))).await?;
        for (kind, list) in kinds.iter().zip(lists) {
            for item in &list.items {
                round.put(kind, item);
            }
            round.progress.insert(kind, list.revision);
        }
        round.settle();
        Ok(round)
    }

    /// Follows all kinds until one of the watches ends.
    async fn follow(&mut self, client: &Client, shared: &Shared) -> Result<(), Error> {
        let options = ListOptions::default();
        let watches = self.progress.iter().map(async |(kind, revision)| {
            let (kind, flow) = (*kind, client.follow(kind, &options, *revision).await?);
            let ended = stream::once(async { None });
            Ok::<Flow<Told>, Error>(Box::pin(flow.map(Some).chain(ended).map(move |moment| (kind, moment))))
        });
        let flows = try_join_all(watches).await?;
        let mut moments = stream::select_all(flows).ready_chunks(BATCH);
        while let Some(batch) = moments.next().await {
            let mut keys = Vec::new();
            let mut end = None;
            for (kind, moment) in batch {
                match moment {
                    Some(Ok(moment)) => keys.extend(self.take(kind, moment)),
                    Some(Err(error)) => end = end.or(Some(Err(error))),
                    None => end = end.or(Some(Ok(()))),
                }
            }
            self.settle();
            shared.publish(&self.view, &keys);
            if let Some(end) = end {
                return end;
            }
        }
        Ok(())
    }

    /// Takes one moment in; the key that changed, if one did.
    fn take(&mut self, kind: &'static Kind, moment: Moment) -> Option<Key> {
        self.progress.insert(kind, moment.revision);
        match moment.event? {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                self.put(kind, &object);
                Some(Key::of(kind, &object))
            }
            WatchEvent::Deleted(object) => {
                let key = Key::of(kind, &object);
                self.view.remove(&key);
                Some(key)
            }
        }
    }

    fn put(&mut self, kind: &'static Kind, object: &Value) {
        let key = Key::of(kind, object);
        match (kind.decode)(object) {
            Ok(decoded) => self.view.insert(key, decoded),
            Err(error) => tracing::warn!(%key, %error, "an object can't be read and is passed over"),
        }
    }

    fn settle(&mut self) {
        self.view.revision = self.progress.values().copied().min().unwrap_or(0);
    }
}

fn all_keys(view: &View) -> impl Iterator<Item = Key> {
    KINDS.iter().flat_map(|kind| view.keys(kind))
}
