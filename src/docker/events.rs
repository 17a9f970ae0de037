//! What happens to a node's containers, as it happens.

use bollard::models::EventMessage;
use bollard::query_parameters::EventsOptionsBuilder;
use futures_util::StreamExt;

use super::containers::label_filter;
use super::engine::Engine;
use super::error::about;
use crate::api::Timestamp;
use crate::kubelet::runtime::{Error, Event, Flow};

/// What can change a plan. The engine also tells of every exec, which each probe would wake us for.
const ACTIONS: [&str; 5] = ["start", "die", "oom", "destroy", "rename"];

impl Engine {
    /// The request goes out when the stream is first asked; it names this moment, so that nothing is missed. Whether
    /// there is an engine at all is asked before.
    pub(super) async fn follow_events(&self) -> Result<Flow<Result<Event, Error>>, Error> {
        let now = Timestamp::now();
        let mut filters = label_filter(&self.node, true);
        filters.insert("type", vec!["container".to_owned()]);
        filters.insert("event", ACTIONS.map(str::to_owned).into());
        let since = format!("{}.{:09}", now.as_second(), now.subsec_nanosecond());
        let options = EventsOptionsBuilder::new().since(&since).filters(&filters).build();
        self.client.ping().await.map_err(|e| about("events", e))?;
        let events = self.client.events(Some(options));
        Ok(Box::pin(events.map(|told| told.map(event).map_err(|e| about("events", e)))))
    }
}

fn event(told: EventMessage) -> Event {
    let attributes = told.actor.and_then(|a| a.attributes).unwrap_or_default();
    Event { action: told.action.unwrap_or_default(), labels: attributes.into_iter().collect() }
}
