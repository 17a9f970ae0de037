//! Watches applied objects until all are ready or none can get further, with a line for each that people wait for.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::api::{Key, Timestamp, View};
use crate::cli::ready::{Readiness, is_shown, readiness};
use crate::cli::ui::{Mark, Ui};
use crate::cli::words;
use crate::client::Informer;

/// An object that is not ready, and why.
pub struct Unready {
    /// The object.
    pub key: Key,
    /// Why, in words.
    pub why: String,
}

/// A pull that failed before the apply counts only if it still fails after such a moment: what was written, a login or a
/// build on the host may have mended it.
const MENDING: Duration = Duration::from_secs(3);

/// Waits until every object is ready, each has failed or is ready, or the time is over. Returns what is not ready.
pub async fn wait(informer: &Informer, keys: &[Key], timeout: Duration, ui: &mut Ui) -> Vec<Unready> {
    let began = Instant::now();
    let end = began + timeout;
    let mut changes = informer.changes();
    loop {
        let view = informer.view();
        let (going, unready) = look(&view, keys, began.elapsed() < MENDING, ui);
        if !going || Instant::now() >= end {
            return unready;
        }
        // Some troubles count as lasting after a while: so look again even if nothing changes.
        let tick = end.min(Instant::now() + Duration::from_secs(1));
        if timeout_at(tick, changes.recv()).await.is_ok() {
            while changes.try_recv().is_ok() {}
        }
    }
}

/// Shows how each object stands. Returns whether one is still on its way, and all that are not ready.
fn look(view: &View, keys: &[Key], mending: bool, ui: &mut Ui) -> (bool, Vec<Unready>) {
    let now = Timestamp::now();
    let mut going = false;
    let mut unready = Vec::new();
    for key in keys {
        let (mark, text) = match readiness(view, key, now) {
            Readiness::Ready(text) => (Mark::Done, text),
            Readiness::Waiting(text) => (Mark::Going, text),
            Readiness::Failed(text) if mending && text.contains("ImagePullBackOff") => (Mark::Going, text),
            Readiness::Failed(text) => (Mark::Failed, text),
        };
        if is_shown(view, key) {
            ui.line(&words::name(key), mark, &text);
        }
        going |= mark == Mark::Going;
        if mark != Mark::Done {
            unready.push(Unready { key: key.clone(), why: text });
        }
    }
    (going, unready)
}
