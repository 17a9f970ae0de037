//! The text of one document → JSON, as Kubernetes reads YAML.

use serde_json::Value;

use crate::api::Schema;

/// Why a text is no document.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The line in the text, from 1; 0 if unknown.
    pub line: usize,
    /// The column, from 1; 0 if unknown.
    pub column: usize,
    /// The parser's words.
    pub message: String,
}

/// Parses one document: YAML with anchors and merge keys, or JSON.
pub fn parse(text: &str) -> Result<Value, Malformed> {
    // JSON's escapes are more than YAML 1.1's, so what looks like JSON is tried as such first.
    if text.trim_start().starts_with('{')
        && let Ok(value) = serde_json::from_str(text)
    {
        return Ok(value);
    }
    let mut value: serde_yaml::Value = serde_yaml::from_str(text).map_err(|e| malformed(&e))?;
    value.apply_merge().map_err(|e| malformed(&e))?;
    serde_json::to_value(value).map_err(|e| Malformed { line: 1, column: 1, message: e.to_string() })
}

fn malformed(error: &serde_yaml::Error) -> Malformed {
    let (line, column) = error.location().map_or((0, 0), |l| (l.line(), l.column()));
    // The parser ends its message with the place, which is told apart here.
    let mut message = error.to_string();
    if let Some(at) = message.find(&format!(" at line {line} column {column}")) {
        let end = at + format!(" at line {line} column {column}").len();
        message.replace_range(at..end, "");
    }
    Malformed { line, column, message }
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
