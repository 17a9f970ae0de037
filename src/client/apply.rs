//! The executor of plans: one API call a step, no decisions.

use k8s_openapi::api::core::v1::Event;
use serde_json::Value;

use super::events;
use super::rounds::Outcome;
use super::{Client, DeleteOptions, Error};
use crate::api::object::meta;
use crate::api::{Action, Key, Kind, Plan, Timestamp};

/// Carries a plan out, step by step. `component` is the source of its events; `now` is the round's time.
///
/// That an object changed since the view was taken is no error, and neither is one to create that exists already or one
/// to delete that is gone: the change is on its way to the view, and the next round sees it. The steps after a conflict
/// are left to that round too, as they may build on what was refused. Any other error ends the plan and is in the
/// outcome, together with the highest revision written before it.
pub async fn apply(client: &Client, component: &str, plan: &Plan, now: Timestamp) -> Outcome {
    let mut outcome = Outcome { wake: plan.wake, ..Outcome::default() };
    for step in &plan.steps {
        match &step.action {
            // The status is an object's whole text, and events log themselves.
            Action::UpdateStatus(kind, object) => {
                tracing::debug!(component, "status {}", Key::of(kind, object));
            }
            Action::Event { .. } => {}
            action => tracing::info!(component, why = %step.why, "{action}"),
        }
        match call(client, component, &step.action, now).await {
            Ok(revision) => outcome.written = outcome.written.max(revision),
            Err(error) if passes(&step.action, &error) => {}
            Err(error) if error.is_conflict() || error.is_not_found() => break,
            Err(error) => {
                if let Some(event) = failed_create(component, &step.action, &error, now)
                    && let Err(error) = events::record(client, &event).await
                {
                    tracing::warn!(component, %error, "event lost");
                }
                outcome.error = Some(Box::new(error));
                break;
            }
        }
    }
    outcome
}

/// Whether the step has already come true.
fn passes(action: &Action, error: &Error) -> bool {
    match action {
        Action::Create(..) => error.is("AlreadyExists"),
        Action::Delete { .. } => error.is_not_found() || error.is_conflict(),
        _ => false,
    }
}

/// The event that tells a workload that the API refuses its pod, as Kubernetes' controllers do.
fn failed_create(component: &str, action: &Action, error: &Error, now: Timestamp) -> Option<Event> {
    let Action::Create(kind, object) = action else { return None };
    let owners = object["metadata"]["ownerReferences"].as_array()?;
    let owner = owners.iter().find(|owner| owner["controller"] == true && kind.kind == "Pod")?;
    let text = |field: &str| owner[field].as_str().unwrap_or_default();
    let about = Key::new(Kind::find(text("apiVersion"), text("kind"))?, meta(object, "namespace"), text("name"));
    let message = format!("Error creating: {error}");
    Some(events::event(component, (&about, text("uid")), true, ("FailedCreate", &message), now))
}

/// Makes the call of one step and returns the revision that it wrote.
async fn call(client: &Client, component: &str, action: &Action, now: Timestamp) -> Result<u64, Error> {
    let written = match action {
        Action::Create(kind, object) => client.create(kind, object).await?,
        Action::Update(kind, object) => client.update(kind, "", object).await?,
        Action::UpdateStatus(kind, object) => client.update(kind, "status", object).await?,
        Action::Finalize(kind, object) => client.update(kind, "finalize", object).await?,
        Action::Delete { key, uid, grace, foreground } => {
            let options = DeleteOptions {
                uid: Some(uid.clone()),
                grace: *grace,
                propagation: foreground.then(|| "Foreground".to_owned()),
                revision: None,
            };
            client.delete(key, &options).await?
        }
        Action::Event { about, uid, warning, reason, message } => {
            let event = events::event(component, (about, uid), *warning, (reason, message), now);
            if let Err(error) = events::record(client, &event).await {
                // An event that is lost holds nothing up: its namespace may be on its way out.
                tracing::warn!(component, %about, reason, %error, "event lost");
            }
            Value::Null
        }
    };
    Ok(meta(&written, "resourceVersion").parse().unwrap_or(0))
}
