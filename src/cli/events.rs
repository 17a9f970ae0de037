//! `wharf events`: what happened to objects, oldest first.

use futures_util::StreamExt;

use super::args::Events;
use super::error::Error;
use super::table::{Look, render};
use super::ui::Ui;
use super::words;
use crate::api::{Key, Kind, Timestamp, Value};
use crate::client::{Client, ListOptions, WatchEvent};

/// Runs `wharf events`.
///
/// # Errors
/// A kind that there is not, a type that is none, or a node that does not answer.
pub async fn run(client: &Client, namespace: &str, args: &Events, ui: &Ui) -> Result<(), Error> {
    if let Some(wrong) = args.types.iter().find(|t| !["normal", "warning"].contains(&t.to_lowercase().as_str())) {
        return Err(Error::usage(format!("\"{wrong}\" is no type of events: Normal or Warning")));
    }
    let about = args.about.as_ref().map(|about| words::read_pod(about, namespace)).transpose()?;
    let kind = Kind::of::<k8s_openapi::api::core::v1::Event>();
    let options = ListOptions {
        namespace: (!args.all_namespaces).then(|| namespace.to_owned()),
        labels: String::new(),
        fields: about.as_ref().map(fields).unwrap_or_default(),
    };
    let list = client.list(kind, &options).await?;
    let mut shown: Vec<Value> = list.items.into_iter().filter(|e| is_asked(e, &args.types)).collect();
    shown.sort_by(|a, b| a["lastTimestamp"].as_str().cmp(&b["lastTimestamp"].as_str()));
    let look = Look { namespaces: args.all_namespaces, bare: args.no_headers, ..Look::default() };
    if !shown.is_empty() {
        ui.data(&render(kind, &shown, look, Timestamp::now()));
    } else if !args.watch {
        ui.say(&if args.all_namespaces {
            "No events found.".to_owned()
        } else {
            format!("No events found in {namespace} namespace.")
        });
    }
    if !args.watch {
        return Ok(());
    }
    let mut changes = client.watch(kind, &options, list.revision).await?;
    while let Some(event) = changes.next().await {
        if let WatchEvent::Added(object) | WatchEvent::Modified(object) = event?
            && is_asked(&object, &args.types)
        {
            ui.data(&render(kind, &[object], Look { bare: true, ..look }, Timestamp::now()));
        }
    }
    Ok(())
}

/// The field selector of the events about an object.
fn fields(key: &Key) -> String {
    format!("involvedObject.kind={},involvedObject.name={}", key.kind.kind, key.name)
}

fn is_asked(event: &Value, types: &[String]) -> bool {
    let found = event["type"].as_str().unwrap_or_default();
    types.is_empty() || types.iter().any(|t| t.eq_ignore_ascii_case(found))
}
