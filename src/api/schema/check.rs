//! What in an object does not fit its kind's shape: unknown fields and wrong types, all at once.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};

use super::Schema;
use crate::api::quantity;

/// A value that does not fit. The path is written as in [`crate::api::Problem`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The field.
    pub path: String,
    /// What is wrong with it, without the path.
    pub message: String,
    /// What to do about it, if that is known.
    pub hint: Option<String>,
    /// Whether the object can be decoded all the same: an unknown field is passed over, a wrong type is not.
    pub decodes: bool,
}

impl Schema {
    /// Everything in the value that does not fit, in the order of the schema's fields. `null` counts as left out.
    #[must_use]
    pub fn check(&self, value: &Value) -> Vec<Mismatch> {
        let mut found = Vec::new();
        check(self, value, "", &mut found);
        found
    }
}

/// `path.field`, or `field` at the root.
pub(crate) fn field(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn check(schema: &Schema, value: &Value, path: &str, found: &mut Vec<Mismatch>) {
    match (schema, value) {
        (_, Value::Null) => {}
        (Schema::Struct { name, fields }, Value::Object(object)) => check_fields(name, fields, object, path, found),
        (Schema::Map(item), Value::Object(object)) => {
            for (key, value) in object {
                check(item, value, &format!("{path}[{key}]"), found);
            }
        }
        (Schema::List(item), Value::Array(list)) => {
            for (index, value) in list.iter().enumerate() {
                let path = format!("{path}[{index}]");
                if value.is_null() {
                    found.push(wrong_type(item, value, &path));
                }
                check(item, value, &path, found);
            }
        }
        _ if fits(schema, value) => {}
        _ => found.push(wrong_type(schema, value, path)),
    }
}

fn check_fields(
    name_of_struct: &str,
    fields: &BTreeMap<&'static str, Schema>,
    object: &Map<String, Value>,
    path: &str,
    found: &mut Vec<Mismatch>,
) {
    for (name, value) in object {
        match fields.get(name.as_str()) {
            Some(schema) => check(schema, value, &field(path, name), found),
            None => found.push(Mismatch {
                path: field(path, name),
                message: "unknown field".to_owned(),
                hint: meant(name_of_struct, fields, name),
                decodes: true,
            }),
        }
    }
}

/// What was meant by a field that the struct does not have: one that it has, or one of something in it.
fn meant(name_of_struct: &str, fields: &BTreeMap<&'static str, Schema>, name: &str) -> Option<String> {
    if let Some(known) = nearest(name, fields.keys().copied()) {
        return Some(format!("did you mean \"{known}\"?"));
    }
    match (name_of_struct, name) {
        ("IngressBackend", "serviceName" | "servicePort") => {
            return Some("write service: {name: NAME, port: {number: 80}}".to_owned());
        }
        ("LabelSelector", _) => return Some("labels to match go into matchLabels".to_owned()),
        _ => {}
    }
    let has = |schema: &Schema| match schema {
        Schema::Struct { fields, .. } => fields.contains_key(name),
        Schema::List(item) => matches!(&**item, Schema::Struct { fields, .. } if fields.contains_key(name)),
        _ => false,
    };
    let (inner, _) = fields.iter().find(|(_, schema)| has(schema))?;
    Some(format!("it belongs into {inner}: is it indented right?"))
}

/// Whether a scalar is what the schema wants.
fn fits(schema: &Schema, value: &Value) -> bool {
    match schema {
        Schema::String => value.is_string(),
        Schema::Integer => value.is_i64() || value.is_u64(),
        Schema::Number => value.is_number(),
        Schema::Boolean => value.is_boolean(),
        Schema::IntOrString => value.is_string() || value.as_i64().is_some_and(|n| i32::try_from(n).is_ok()),
        Schema::Quantity => value.is_number() || value.as_str().is_some_and(|s| quantity::milli(s).is_ok()),
        Schema::Time => value.as_str().is_some_and(|s| s.parse::<crate::api::Timestamp>().is_ok()),
        Schema::Bytes => value.as_str().is_some_and(|s| BASE64_STANDARD.decode(s).is_ok()),
        Schema::Any => true,
        Schema::Struct { .. } | Schema::List(_) | Schema::Map(_) => false,
    }
}

fn wrong_type(schema: &Schema, value: &Value, path: &str) -> Mismatch {
    // A Secret's `data` are the only bytes, and `stringData` is the Secret's alone: their values are not repeated.
    let secret = *schema == Schema::Bytes || path.starts_with("stringData");
    let found = if secret { String::new() } else { format!(", found {}", described(value)) };
    let message = format!("wrong type: want {}{found}", schema.wanted());
    let hint = match (schema, value) {
        (Schema::String, Value::Number(_) | Value::Bool(_)) if secret => Some("put it in quotes".to_owned()),
        (Schema::String, Value::Number(_) | Value::Bool(_)) => Some(format!("put it in quotes: \"{value}\"")),
        (Schema::Bytes, _) => Some("plain text goes into stringData".to_owned()),
        (Schema::Boolean, Value::String(text)) => match text.to_ascii_lowercase().as_str() {
            "yes" | "on" | "true" => Some("write true".to_owned()),
            "no" | "off" | "false" => Some("write false".to_owned()),
            _ => None,
        },
        (Schema::Integer, Value::String(text)) if text.parse::<i64>().is_ok() => {
            Some(format!("write {text}, without quotes"))
        }
        (Schema::List(_), Value::Object(_) | Value::String(_)) => Some("begin each item with \"- \"".to_owned()),
        (Schema::Quantity, Value::String(text)) => quantity_of(text).map(|quantity| format!("write {quantity}")),
        _ => None,
    };
    Mismatch { path: path.to_owned(), message, hint, decodes: false }
}

/// `5G` of `5 GB`: bytes are not written with a B.
fn quantity_of(text: &str) -> Option<String> {
    let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let bare = bare.strip_suffix('B').unwrap_or(&bare);
    quantity::milli(bare).is_ok().then(|| bare.to_owned())
}

fn described(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) => format!("{value}"),
        Value::Number(_) => format!("the number {value}"),
        Value::String(text) if text.chars().count() > 40 || text.contains('\n') => "a string".to_owned(),
        Value::String(_) => format!("the string {value}"),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// The known name that is nearest to a misspelt one, if one is near enough to be meant.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_ascii_lowercase();
    let scored = known.into_iter().map(|k| (strsim::damerau_levenshtein(&lower, &k.to_ascii_lowercase()), k));
    scored.filter(|(distance, k)| *distance <= 3 && *distance * 3 <= k.len().max(name.len())).min().map(|(_, k)| k)
}
