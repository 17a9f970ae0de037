//! What in an object wharf does not honour, all at once.

use serde_json::{Map, Value};

use super::annotations;
use super::row::{Row, Rule, find};
use crate::api::schema::field;
use crate::api::{Kind, Schema};

/// A field that is not honoured. The path is written as in [`crate::api::Problem`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// The field.
    pub path: String,
    /// What becomes of it and why, without the path.
    pub message: String,
    /// Whether ignoring it would change what runs; else it is worth a warning only.
    pub refused: bool,
}

/// Everything in an object of the kind that wharf does not honour. Fields that the kind does not have are passed over:
/// [`Schema::check`] names them.
#[must_use]
pub fn check(kind: &Kind, object: &Value) -> Vec<Unsupported> {
    let mut found = Vec::new();
    walk((kind.schema)(), object, "", &mut found);
    if kind.kind == "Ingress" {
        found.extend(annotations::check(object));
    }
    found
}

fn walk(schema: &Schema, value: &Value, path: &str, found: &mut Vec<Unsupported>) {
    match (schema, value) {
        (Schema::Struct { name, fields }, Value::Object(object)) => {
            for (key, value) in object.iter().filter(|(_, value)| !value.is_null()) {
                if let Some(schema) = fields.get(key.as_str()) {
                    let row = find(name, key);
                    decide(&row, schema, value, &field(path, key), found);
                }
            }
        }
        (Schema::List(item), Value::Array(list)) => {
            for (index, value) in list.iter().enumerate() {
                walk(item, value, &format!("{path}[{index}]"), found);
            }
        }
        (Schema::Map(item), Value::Object(object)) => {
            for (key, value) in object {
                walk(item, value, &format!("{path}[{key}]"), found);
            }
        }
        _ => {}
    }
}

fn decide(row: &Row, schema: &Schema, value: &Value, path: &str, found: &mut Vec<Unsupported>) {
    if row.rule == Rule::Honoured {
        return walk(schema, value, path, found);
    }
    if value.as_array().is_some_and(Vec::is_empty) {
        return;
    }
    if row.fine.is_empty() {
        return found.extend(verdict(row.rule, "", path, value.as_object()));
    }
    let parts = match value {
        Value::Object(object) => object.keys().map(|key| (format!("{path}[{key}]"), key.clone())).collect(),
        Value::Array(list) => {
            list.iter().enumerate().map(|(index, item)| (format!("{path}[{index}]"), text(item))).collect()
        }
        scalar => vec![(path.to_owned(), text(scalar))],
    };
    for (path, part) in parts.iter().filter(|(_, part)| !row.fine.contains(&part.as_str())) {
        let part = format!("\"{part}\" ");
        found.extend(verdict(row.rule, &part, path, None));
    }
}

fn text(scalar: &Value) -> String {
    scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned)
}

fn verdict(rule: Rule, what: &str, path: &str, object: Option<&Map<String, Value>>) -> Option<Unsupported> {
    let make = |message, refused| Some(Unsupported { path: path.to_owned(), message, refused });
    match rule {
        Rule::Honoured => None,
        Rule::NoEffect(_) if object.is_some_and(Map::is_empty) => None,
        Rule::NoEffect(why) => make(format!("{what}has no effect: {why}"), false),
        Rule::Refused("") => make(format!("{what}is not honoured yet"), true),
        Rule::Refused(why) => make(format!("{what}is not honoured: {why}"), true),
    }
}
