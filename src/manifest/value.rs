//! The text of one document → JSON, as Kubernetes reads YAML.

use serde_json::Value;

use super::document::Document;
use crate::api::Schema;

/// Why a text is no document.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The line in the file, from 1; 0 if unknown.
    pub line: usize,
    /// The column, from 1; 0 if unknown.
    pub column: usize,
    /// The parser's words.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Parses one document: YAML with anchors and merge keys, or JSON.
///
/// # Errors
/// What the parser says, and where.
pub fn parse(document: Document) -> Result<Value, Malformed> {
    let text = document.text;
    // JSON's escapes are more than YAML 1.1's, so what looks like JSON is tried as such first.
    if text.trim_start().starts_with('{')
        && let Ok(value) = serde_json::from_str(text)
    {
        return Ok(value);
    }
    // On a mistake it is parsed again with the lines above, as the parser's words name lines too.
    let parsed = parse_yaml(text).or_else(|_| parse_yaml(&("\n".repeat(document.above) + text)));
    parsed.map_err(|error| malformed(&error, document))
}

fn parse_yaml(text: &str) -> Result<Value, serde_yaml::Error> {
    let mut value: serde_yaml::Value = serde_yaml::from_str(text)?;
    value.apply_merge()?;
    serde_json::to_value(value).map_err(serde::de::Error::custom)
}

fn malformed(error: &serde_yaml::Error, document: Document) -> Malformed {
    let (line, column) = error.location().map_or((document.above + 1, 0), |l| (l.line(), l.column()));
    // The place is told apart, so it is cut out of the words.
    let message = error.to_string().replacen(&format!(" at line {line} column {column}"), "", 1);
    let wrong_line = line.checked_sub(document.above + 1).and_then(|index| document.text.lines().nth(index));
    let hint = hint(document.text, wrong_line.unwrap_or_default(), &message);
    Malformed { line, column, message, hint: hint.map(str::to_owned) }
}

/// What people most often did when the parser says so.
fn hint(text: &str, line: &str, message: &str) -> Option<&'static str> {
    if text.contains("{{") {
        Some("this looks like a template; render it first: helm template CHART | wharf apply -f -")
    } else if line.trim_start_matches(' ').starts_with('\t') {
        Some("indent with spaces: YAML takes no tabs")
    } else if message.starts_with("mapping values are not allowed") {
        Some("check the indentation; text with \": \" in it must be in quotes")
    } else {
        None
    }
}

/// Turns the octal numbers of YAML 1.1, as in `defaultMode: 0644`, which the parser takes for text, into numbers.
pub fn read_octal(schema: &Schema, value: &mut Value) {
    match (schema, value) {
        (Schema::Integer, value) => {
            let digits = value.as_str().and_then(|s| s.strip_prefix("0o").or_else(|| s.strip_prefix('0')));
            if let Some(number) = digits.and_then(|d| i64::from_str_radix(d, 8).ok()) {
                *value = number.into();
            }
        }
        (Schema::Struct { fields, .. }, Value::Object(object)) => {
            for (name, value) in object {
                if let Some(schema) = fields.get(name.as_str()) {
                    read_octal(schema, value);
                }
            }
        }
        (Schema::Map(item), Value::Object(object)) => object.values_mut().for_each(|v| read_octal(item, v)),
        (Schema::List(item), Value::Array(list)) => list.iter_mut().for_each(|v| read_octal(item, v)),
        _ => {}
    }
}
