//! Events as objects: one for each thing that happens to an object, however often it happens.
//! <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/>

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::{Event, EventSource, ObjectReference};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use serde_json::json;

use super::{Client, Error, Patch};
use crate::api::{Key, Kind, Object, Timestamp, names};

/// The longest message in bytes, as in Kubernetes.
const LONGEST_MESSAGE: usize = 1024;
/// The longest part of an event's name that is the name of the object it is about.
const LONGEST_NAME: usize = 230;
/// A repeat sooner than this is not worth a write.
const REPEAT_AFTER: SignedDuration = SignedDuration::from_secs(1);

/// The event that something happened once, at `now`, to an object (`about`: its key and uid). `what` is reason and
/// message. The same thing happening to the same object gives an event of the same name.
pub(super) fn event(component: &str, about: (&Key, &str), warning: bool, what: (&str, &str), now: Timestamp) -> Event {
    let ((key, uid), (reason, message)) = (about, what);
    let namespace = if key.namespace.is_empty() { "default" } else { &key.namespace };
    let digest = names::digest(format!("{uid}\n{reason}\n{message}\n{component}").as_bytes(), 16);
    let name = format!("{}.{digest}", cut(&key.name, LONGEST_NAME));
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Event {
        metadata: ObjectMeta { name: Some(name), namespace: some(namespace), ..ObjectMeta::default() },
        involved_object: ObjectReference {
            api_version: Some(key.kind.api_version()),
            kind: some(key.kind.kind),
            namespace: some(&key.namespace),
            name: some(&key.name),
            uid: some(uid),
            ..ObjectReference::default()
        },
        type_: some(if warning { "Warning" } else { "Normal" }),
        reason: some(reason),
        message: some(cut(message, LONGEST_MESSAGE)),
        count: Some(1),
        first_timestamp: Some(Time(now)),
        last_timestamp: Some(Time(now)),
        source: Some(EventSource { component: some(component), host: None }),
        reporting_component: some(component),
        ..Event::default()
    }
}

/// Writes an event, or counts it where it was written before.
///
/// # Errors
/// As the API's.
pub(super) async fn record(client: &Client, event: &Event) -> Result<(), Error> {
    match client.create(Kind::of::<Event>(), &event.to_value()).await {
        Err(error) if error.is("AlreadyExists") => {}
        result => return result.map(drop),
    }
    let seen = client.get(&event.key()).await?;
    let last = seen["lastTimestamp"].as_str().and_then(|t| t.parse::<Timestamp>().ok());
    let Some(Time(now)) = event.last_timestamp else { return Ok(()) };
    if last.is_some_and(|last| now.duration_since(last) < REPEAT_AFTER) {
        return Ok(());
    }
    let count = seen["count"].as_i64().unwrap_or(1) + 1;
    let patch = Patch::Merge(json!({"count": count, "lastTimestamp": event.last_timestamp}));
    client.patch(&event.key(), "", patch).await.map(drop)
}

/// The text, cut to at most `length` bytes between characters.
fn cut(text: &str, length: usize) -> &str {
    &text[..text.floor_char_boundary(length)]
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{Node, Pod};

    use super::*;

    fn name(about: &Key, uid: &str, message: &str, seconds: i64) -> String {
        let now = Timestamp::from_second(seconds).unwrap();
        let event = event("kubelet", (about, uid), true, ("Failed", message), now);
        format!("{} {}", event.namespace(), event.name())
    }

    #[test]
    fn a_repeat_has_the_same_name_and_something_else_another() {
        let pod = Key::new(Kind::of::<Pod>(), "shop", "web");
        let first = name(&pod, "1", "no such image", 0);
        assert!(first.starts_with("shop web."), "{first}");
        assert_eq!(first, name(&pod, "1", "no such image", 60));
        assert_ne!(first, name(&pod, "2", "no such image", 0));
        assert_ne!(first, name(&pod, "1", "no space left", 0));
    }

    #[test]
    fn events_of_the_cluster_are_in_default_and_long_ones_are_cut() {
        let node = Key::new(Kind::of::<Node>(), "", "wharf");
        assert!(name(&node, "1", "full", 0).starts_with("default wharf."));
        let message = "ü".repeat(1000);
        let event = event("kubelet", (&node, "1"), false, ("Full", &message), Timestamp::UNIX_EPOCH);
        assert_eq!(event.message.unwrap().len(), 1024);
        assert_eq!(event.type_.unwrap(), "Normal");
    }
}
