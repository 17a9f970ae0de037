//! Server-side apply: what a manager wants over what is there, minus what it wanted before.

use std::fmt;

use serde_json::{Map, Value};

use super::fields::{Fields, UNMANAGED};
use super::managed::Managed;
use super::merge::{merge, prune};

/// A field that another manager owns with another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The other manager.
    pub manager: String,
    /// The field: `.spec.replicas`.
    pub path: String,
}

/// `conflict with "ci": .spec.replicas`.
impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "conflict with \"{}\": {}", self.manager, self.path)
    }
}

/// What an apply asks for.
#[derive(Clone, Copy, Debug)]
pub struct Applied<'a> {
    /// The object with just the wanted fields.
    pub object: &'a Value,
    /// Who wants them.
    pub manager: &'a str,
    /// Whether to take fields over that others own.
    pub force: bool,
    /// The time in RFC 3339, for the record of who manages what.
    pub time: &'a str,
}

/// The live object with the wanted fields; `live` is what apiVersion, kind and metadata say for an object that is new.
///
/// # Errors
/// The fields that others own with other values, unless forced.
pub fn apply(live: &Value, applied: &Applied<'_>) -> Result<Value, Vec<Conflict>> {
    let wanted = clean(applied.object);
    let fields = Fields::of(&wanted);
    let mut managed = Managed::of(live);
    let was = managed.fields(applied.manager);
    let mut conflicts = Vec::new();
    let mut lost = Vec::new();
    for (manager, theirs) in managed.others(applied.manager) {
        let mut changed = Vec::new();
        contested(&fields, theirs, Some(live), Some(&wanted), &mut Vec::new(), &mut changed);
        conflicts.extend(changed.iter().map(|path| Conflict { manager: manager.to_owned(), path: print(path) }));
        let mut left = theirs.clone();
        left.subtract(&changed.iter().fold(Fields::default(), |all, path| with_path(all, path)));
        lost.push((manager.to_owned(), left));
    }
    if !conflicts.is_empty() && !applied.force {
        return Err(conflicts);
    }
    let api_version = wanted["apiVersion"].as_str().unwrap_or_default().to_owned();
    for (manager, left) in lost {
        managed.set(&manager, left, &api_version, applied.time);
    }
    let mut object = live.clone();
    merge(&mut object, &wanted);
    let others: Vec<_> = managed.others(applied.manager).map(|(_, fields)| fields).collect();
    prune(&mut object, &was, &fields, &others);
    managed.set(applied.manager, fields, &api_version, applied.time);
    managed.write(&mut object);
    Ok(object)
}

/// The wanted object without nulls, status and what is the server's.
fn clean(wanted: &Value) -> Value {
    let mut wanted = without_nulls(wanted);
    if let Some(object) = wanted.as_object_mut() {
        object.remove("status");
    }
    if let Some(metadata) = wanted["metadata"].as_object_mut() {
        metadata.retain(|name, _| matches!(name.as_str(), "name" | "namespace") || !UNMANAGED.contains(&name.as_str()));
    }
    wanted
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let fields = object.iter().filter(|(_, v)| !v.is_null());
            Value::Object(fields.map(|(k, v)| (k.clone(), without_nulls(v))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_nulls).collect()),
        other => other.clone(),
    }
}

/// Collects the leaves that both sets have and whose values differ.
fn contested(
    mine: &Fields,
    theirs: &Fields,
    live: Option<&Value>,
    wanted: Option<&Value>,
    path: &mut Vec<String>,
    found: &mut Vec<Vec<String>>,
) {
    let leaf = mine.below.is_empty() || theirs.below.is_empty();
    if leaf && !path.is_empty() {
        if (mine.own || theirs.own) && live != wanted {
            found.push(path.clone());
        }
        return;
    }
    for (name, inner) in &mine.below {
        let Some(other) = theirs.below.get(name) else { continue };
        path.push(name.clone());
        contested(inner, other, live.and_then(|v| step(v, name)), wanted.and_then(|v| step(v, name)), path, found);
        path.pop();
    }
}

/// The value below `value` that a name in `fieldsV1` form stands for.
fn step<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    if let Some(field) = name.strip_prefix("f:") {
        return value.get(field);
    }
    if let Some(item) = name.strip_prefix("v:") {
        return value.as_array()?.iter().find(|v| v.to_string() == item);
    }
    let keys: Map<String, Value> = serde_json::from_str(name.strip_prefix("k:")?).ok()?;
    let fits = |item: &&Value| keys.iter().all(|(k, v)| item.get(k).is_none_or(|found| found == v));
    value.as_array()?.iter().find(fits)
}

fn with_path(mut all: Fields, path: &[String]) -> Fields {
    let mut at = &mut all;
    for name in path {
        at = at.below.entry(name.clone()).or_default();
    }
    at.own = true;
    all
}

/// `.spec.containers[name="web"].image`.
fn print(path: &[String]) -> String {
    let part = |name: &String| {
        if let Some(field) = name.strip_prefix("f:") {
            return format!(".{field}");
        }
        let keys = name.strip_prefix("k:").and_then(|k| serde_json::from_str::<Map<String, Value>>(k).ok());
        let Some(keys) = keys else { return format!("[={}]", name.trim_start_matches("v:")) };
        format!("[{}]", keys.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(","))
    };
    path.iter().map(part).collect()
}
