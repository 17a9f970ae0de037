//! Asks containers to end, beside the rounds: a container may take all of its grace.

use std::time::Duration;

use jiff::SignedDuration;

use super::actions::{Kill, ending};
use super::errand::Errand;
use super::runtime::Error;
use super::sync::Work;
use crate::api::{Object, Timestamp};

/// After an error of the engine.
const AGAIN: Duration = Duration::from_secs(2);

/// Asks a container to end, and lets the engine end it when its grace is over. Tells of it by an event, unless its hook
/// did that before.
pub async fn begin(work: Work<'_>, wanted: &Kill) {
    let Kill { id, name, grace, why } = wanted;
    let told = work.background.errands().get(id).is_some_and(|errand| errand.ends().is_some());
    if name != "POD" && !told {
        work.hands.event(work.pod, "Killing", ending(name, why)).await;
    }
    let until = Timestamp::now().saturating_add(SignedDuration::from_secs(*grace)).unwrap_or(Timestamp::MAX);
    let (runtime, pod, name) = (work.hands.runtime.clone(), work.pod.key(), name.clone());
    let (id, grace) = (id.clone(), *grace);
    work.background.begin(&id.clone(), Errand::Stop { until }, async move {
        match runtime.stop(&id, grace).await {
            Ok(()) | Err(Error::NotFound(_)) => {}
            Err(error) => {
                tracing::warn!(%pod, container = name, %error, "does not end");
                tokio::time::sleep(AGAIN).await;
            }
        }
        None
    });
}
