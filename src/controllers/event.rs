//! Events: forgotten an hour after they last happened.
//! <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/> (`--event-ttl`)

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::Event;

use crate::api::{Key, Plan, Timestamp, View};

const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// The changed event itself.
pub fn keys(_: &View, changed: &Key) -> Vec<Key> {
    vec![changed.clone()]
}

/// Deletes an event that is old, or waits until it is.
pub fn plan(view: &View, key: &Key, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let Some(event) = view.get::<Event>(&key.namespace, &key.name) else {
        return plan;
    };
    let last = event.last_timestamp.as_ref().or(event.metadata.creation_timestamp.as_ref());
    match last.and_then(|last| last.0.checked_add(KEPT).ok()) {
        Some(end) if end <= now => plan.delete(event, "an hour old"),
        Some(end) => plan.wake_at(end),
        None => {}
    }
    plan
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

    use super::*;
    use crate::api::Object;

    #[test]
    fn an_event_goes_an_hour_after_it_last_happened() {
        let mut event = Event { last_timestamp: Some(Time(Timestamp::UNIX_EPOCH)), ..Event::default() };
        event.metadata.name = Some("web.1".to_owned());
        let view = View::of([event.clone()]);
        let plan = |seconds| plan(&view, &event.key(), Timestamp::from_second(seconds).unwrap()).to_string();
        assert_eq!(plan(3599), "wake at 1970-01-01T01:00:00Z\n");
        assert_eq!(plan(3600), "delete Event web.1: an hour old\n");
    }
}
