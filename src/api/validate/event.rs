//! What Kubernetes refuses in an Event.

use k8s_openapi::api::core::v1::Event;

use super::field::{invalid, one_of};
use super::{meta, name};
use crate::api::Problem;

/// The problems of an event.
pub fn event(event: &Event, _: Option<&Event>) -> Vec<Problem> {
    let mut problems = meta::meta(&event.metadata, name::subdomain);
    let about = event.involved_object.namespace.as_deref().filter(|n| !n.is_empty());
    // Events of objects without a namespace live in `default`: so must an event that names none.
    let wanted = about.unwrap_or("default");
    let lives = event.metadata.namespace.as_deref().unwrap_or(wanted);
    if lives != wanted {
        problems.push(invalid("involvedObject.namespace", about.unwrap_or_default(), "does not match event.namespace"));
    }
    problems.extend(one_of("type", event.type_.as_deref().filter(|t| !t.is_empty()), &["Normal", "Warning"]));
    problems
}
