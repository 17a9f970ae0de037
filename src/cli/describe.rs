//! `wharf describe`: all about objects for people: their fields without noise, and their events.

use serde_json::{Map, Value};

use super::apply::events;
use super::args::Describe;
use super::error::Error;
use super::find;
use super::ui::Ui;
use super::words::{self, Named};
use crate::api::{Key, Kind, Timestamp, table};
use crate::client::{Client, observe};

/// Fields that say nothing to people.
const NOISE: [&str; 5] = ["managedFields", "uid", "resourceVersion", "generation", "selfLink"];

/// Metadata that comes first.
const FIRST: [&str; 4] = ["name", "namespace", "labels", "annotations"];

/// Runs `wharf describe`.
///
/// # Errors
/// An unknown kind, an object that does not exist, a node that does not answer.
pub async fn run(client: &Client, namespace: &str, describe: &Describe, ui: &Ui) -> Result<(), Error> {
    let mut objects = Vec::new();
    for name in words::read(&describe.resources, namespace)? {
        match name {
            Named::One(key) => objects.push((key.kind, client.get(&key).await?)),
            Named::All(kind) => {
                let all = find::all(client, kind, namespace, describe.selector.as_ref()).await?;
                objects.extend(all.into_iter().map(|object| (kind, object)));
            }
        }
    }
    if objects.is_empty() {
        ui.say(&format!("No resources found in {namespace} namespace."));
        return Ok(());
    }
    let events_kind = Kind::by_word("events").into_iter().collect::<Vec<_>>();
    let view = observe(client, &events_kind).await?;
    let now = Timestamp::now();
    let texts = objects.iter().map(|(kind, object)| {
        let events = events(&view, &[Key::of(kind, object)], now);
        let events = if events.is_empty() { "  <none>".to_owned() } else { events };
        format!("{}\nEvents:\n{events}", text(kind, object, now))
    });
    ui.data(&texts.collect::<Vec<_>>().join("\n\n\n"));
    Ok(())
}

/// The object as indented lines; the values of Secrets are only counted.
fn text(kind: &Kind, object: &Value, now: Timestamp) -> String {
    let mut shown = object.as_object().cloned().unwrap_or_default();
    shown.retain(|field, _| field != "apiVersion" && field != "kind");
    if kind.kind == "Secret" {
        hide(&mut shown);
    }
    let mut lines = Vec::new();
    if let Some(Value::Object(mut meta)) = shown.remove("metadata") {
        meta.retain(|field, _| !NOISE.contains(&field.as_str()));
        let first = FIRST.iter().filter_map(|field| Some(((*field).to_owned(), meta.remove(*field)?)));
        lines.extend(first.collect::<Vec<_>>().iter().flat_map(|(field, value)| line(field, value, now)));
        lines.extend(block(&meta, 0, now));
    }
    lines.extend(block(&shown, 0, now));
    lines.join("\n")
}

fn hide(secret: &mut Map<String, Value>) {
    if let Some(Value::Object(data)) = secret.get_mut("data") {
        for value in data.values_mut() {
            let length = value.as_str().map_or(0, |v| v.trim_end_matches('=').len() * 3 / 4);
            *value = Value::String(format!("{length} bytes"));
        }
    }
}

/// A field of the outermost level.
fn line(field: &str, value: &Value, now: Timestamp) -> Vec<String> {
    entry(&format!("{}:", capital(field)), value, 0, now)
}

fn block(fields: &Map<String, Value>, depth: usize, now: Timestamp) -> Vec<String> {
    let title = |field: &String| if depth == 0 { capital(field) } else { field.clone() };
    fields
        .iter()
        .flat_map(|(field, value)| entry(&format!("{}{}:", indent(depth), title(field)), value, depth, now))
        .collect()
}

/// The lines of one field; its name is in `head`.
fn entry(head: &str, value: &Value, depth: usize, now: Timestamp) -> Vec<String> {
    let below = |lines: Vec<String>| std::iter::once(head.to_owned()).chain(lines).collect();
    match value {
        Value::Object(map) if !map.is_empty() => below(block(map, depth + 1, now)),
        Value::Array(list) if list.iter().any(|v| v.is_object() || v.is_array()) => {
            below(list.iter().flat_map(|item| listed(item, depth, now)).collect())
        }
        Value::Array(list) if !list.is_empty() => {
            vec![format!("{head}  {}", list.iter().map(|v| plain(v, now)).collect::<Vec<_>>().join(" "))]
        }
        Value::Object(_) | Value::Array(_) => vec![format!("{head}  <none>")],
        Value::String(text) if text.contains('\n') => {
            below(text.lines().map(|line| format!("{}{line}", indent(depth + 1))).collect())
        }
        other => vec![format!("{head}  {}", plain(other, now))],
    }
}

/// An item of a list: its first line begins with a hyphen.
fn listed(item: &Value, depth: usize, now: Timestamp) -> Vec<String> {
    let mut lines = match item {
        Value::Object(map) => block(map, depth + 2, now),
        other => entry(&indent(depth + 2), other, depth + 2, now),
    };
    if let Some(first) = lines.first_mut() {
        first.replace_range(indent(depth + 1).len()..=indent(depth + 1).len(), "-");
    }
    lines
}

fn indent(depth: usize) -> String {
    " ".repeat(depth * 2)
}

/// A value on one line; times with their age.
fn plain(value: &Value, now: Timestamp) -> String {
    match value {
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => match text.parse::<Timestamp>() {
            Ok(then) if text.ends_with('Z') => format!("{text} ({} ago)", table::age(then, now)),
            _ => text.clone(),
        },
        other => other.to_string(),
    }
}

fn capital(field: &str) -> String {
    let mut letters = field.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
