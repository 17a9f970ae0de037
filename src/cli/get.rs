//! `wharf get`: objects as tables, YAML, JSON or names, and each change of them.

use futures_util::{StreamExt, stream::select_all};

use super::args::{Get, Output};
use super::encode::{encode, readable};
use super::error::Error;
use super::table::{Look, render};
use super::ui::Ui;
use super::words::{self, Named};
use crate::api::{Key, Kind, Timestamp, Value};
use crate::client::{Client, ListOptions, WatchEvent};

/// Objects of one kind that were asked for.
struct Found {
    kind: &'static Kind,
    objects: Vec<Value>,
    revision: u64,
    options: ListOptions,
}

/// Runs `wharf get`.
///
/// # Errors
/// An unknown kind, an object that does not exist, a node that does not answer.
pub async fn run(client: &Client, namespace: &str, get: &Get, ui: &Ui) -> Result<(), Error> {
    let named = words::read(&get.resources, namespace)?;
    let mut found = Vec::new();
    for name in &named {
        found.push(find(client, name, namespace, get).await?);
    }
    show(&found, get, named.len() == 1 && matches!(named[0], Named::One(_)), ui)?;
    if get.watch { follow(client, found, get, ui).await } else { Ok(()) }
}

async fn find(client: &Client, name: &Named, namespace: &str, get: &Get) -> Result<Found, Error> {
    let (kind, one) = match name {
        Named::All(kind) => (*kind, None),
        Named::One(key) => (key.kind, Some(key)),
    };
    let mut fields: Vec<String> = get.field_selector.iter().cloned().collect();
    fields.extend(one.map(|key| format!("metadata.name={}", key.name)));
    let options = ListOptions {
        namespace: (kind.namespaced && !get.all_namespaces).then(|| namespace.to_owned()),
        labels: get.selector.clone().unwrap_or_default(),
        fields: fields.join(","),
    };
    if let Some(key) = one {
        client.get(key).await?;
    }
    let mut list = client.list(kind, &options).await?;
    if kind.kind == "Event" {
        // By their names they would tell nothing in order.
        list.items.sort_by(|a, b| a["lastTimestamp"].as_str().cmp(&b["lastTimestamp"].as_str()));
    }
    Ok(Found { kind, objects: list.items, revision: list.revision, options })
}

fn show(found: &[Found], get: &Get, single: bool, ui: &Ui) -> Result<(), Error> {
    match get.output {
        Some(output @ (Output::Yaml | Output::Json)) => {
            let all: Vec<Value> = found.iter().flat_map(|f| f.objects.iter().map(readable)).collect();
            let value = match <[Value; 1]>::try_from(all) {
                Ok([one]) if single => one,
                Ok(one) => list(&one),
                Err(all) => list(&all),
            };
            ui.data(&encode(&value, output)?);
        }
        Some(Output::Name) => {
            for found in found {
                found.objects.iter().for_each(|o| ui.data(&words::name(&Key::of(found.kind, o))));
            }
        }
        None | Some(Output::Wide) => tables(found, get, ui),
    }
    Ok(())
}

fn tables(found: &[Found], get: &Get, ui: &Ui) {
    let look = look(get, found.len() > 1);
    let tables = found.iter().filter(|f| !f.objects.is_empty());
    let tables: Vec<String> = tables.map(|f| render(f.kind, &f.objects, look, Timestamp::now())).collect();
    if tables.is_empty() {
        let place = match found.first().and_then(|f| f.options.namespace.as_ref()) {
            Some(namespace) => format!(" in {namespace} namespace"),
            None => String::new(),
        };
        ui.say(&format!("No resources found{place}."));
    } else {
        ui.data(&tables.join("\n\n"));
    }
}

fn look(get: &Get, kinds: bool) -> Look {
    Look { wide: get.output == Some(Output::Wide), namespaces: get.all_namespaces, bare: get.no_headers, kinds }
}

fn list(items: &[Value]) -> Value {
    serde_json::json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": items})
}

/// Shows each change from the lists on, until interrupted.
async fn follow(client: &Client, found: Vec<Found>, get: &Get, ui: &Ui) -> Result<(), Error> {
    let kinds = found.len() > 1;
    let mut streams = Vec::new();
    for found in found {
        let changes = client.watch(found.kind, &found.options, found.revision).await?;
        streams.push(changes.map(move |event| (found.kind, event)));
    }
    let mut changes = select_all(streams);
    while let Some((kind, event)) = changes.next().await {
        let (WatchEvent::Added(object) | WatchEvent::Modified(object) | WatchEvent::Deleted(object)) = event?;
        match get.output {
            Some(Output::Yaml) => ui.data(&format!("---\n{}", encode(&readable(&object), Output::Yaml)?)),
            Some(Output::Json) => ui.data(&encode(&readable(&object), Output::Json)?),
            Some(Output::Name) => ui.data(&words::name(&Key::of(kind, &object))),
            None | Some(Output::Wide) => {
                let look = Look { bare: true, ..look(get, kinds) };
                ui.data(&render(kind, &[object], look, Timestamp::now()));
            }
        }
    }
    Ok(())
}
