//! Objects as YAML or JSON.

use super::args::Output;
use super::error::{Error, Kind as Sort};
use crate::api::Value;

/// The text of an object, as YAML or, with any other output, as JSON; no line feed at its end.
///
/// # Errors
/// A bug: what is JSON can be written as both.
pub fn encode(value: &Value, output: Output) -> Result<String, Error> {
    let bug = |e: &(dyn std::error::Error + 'static)| Error::new(Sort::Bug, "can't write the object").because(e);
    let text = if output == Output::Yaml {
        serde_yaml::to_string(value).map_err(|e| bug(&e))
    } else {
        serde_json::to_string_pretty(value).map_err(|e| bug(&e))
    };
    text.map(|text| text.trim_end().to_owned())
}

/// The object without what only field managers read, as kubectl shows it.
pub fn readable(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    object
}
