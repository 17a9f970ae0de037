//! Follows what happens in the engine, through every loss of the connection.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::runtime::{Error, Event, Flow, Runtime};
use crate::api::names::container as label;

/// The first and the longest wait before the engine is asked again.
const WAITS: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// What happened in the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// Events come from now on; what came before may have been missed.
    Connected,
    /// Something happened to a container of the pod with this uid.
    Pod(String),
    /// No events come, for this reason.
    Lost(String),
}

/// What happens in the engine, until the receiver is dropped.
pub fn follow(runtime: Arc<dyn Runtime>) -> mpsc::UnboundedReceiver<Happened> {
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut wait = WAITS.0;
        loop {
            let lost = match runtime.events().await {
                Err(error) => error.to_string(),
                Ok(events) => {
                    wait = WAITS.0;
                    forward(events, &sender).await
                }
            };
            if sender.send(Happened::Lost(lost)).is_err() {
                return;
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(WAITS.1);
        }
    });
    receiver
}

/// Sends on what matters; returns why it ended.
async fn forward(mut events: Flow<Result<Event, Error>>, sender: &mpsc::UnboundedSender<Happened>) -> String {
    let mut happened = Some(Happened::Connected);
    loop {
        if happened.is_some_and(|h| sender.send(h).is_err()) {
            return String::new();
        }
        happened = match events.next().await {
            None => return "the engine has closed the stream of events".to_owned(),
            Some(Err(error)) => return error.to_string(),
            Some(Ok(event)) => pod_of(event).map(Happened::Pod),
        };
    }
}

/// The pod that an event concerns. Programs run for probes make events too, and change nothing.
fn pod_of(mut event: Event) -> Option<String> {
    matches!(event.action.as_str(), "start" | "die" | "oom" | "destroy").then(|| event.labels.remove(label::UID))?
}
