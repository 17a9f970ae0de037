//! Who applied which fields: the entries of `metadata.managedFields`.

use serde_json::{Value, json};

use super::fields::Fields;

/// The entries of one object.
#[derive(Clone, Debug)]
pub struct Managed {
    /// The entries of server-side apply: manager and fields, with the entry as it is stored.
    pub applied: Vec<(String, Fields, Value)>,
    /// All other entries, as they are.
    rest: Vec<Value>,
}

impl Managed {
    /// Reads the entries of an object.
    pub fn of(object: &Value) -> Self {
        let entries = object["metadata"]["managedFields"].as_array().cloned().unwrap_or_default();
        let is_apply = |entry: &Value| entry["operation"] == "Apply" && entry.get("subresource").is_none();
        let (applied, rest): (Vec<_>, Vec<_>) = entries.into_iter().partition(is_apply);
        let read = |entry: Value| {
            let manager = entry["manager"].as_str().unwrap_or_default().to_owned();
            (manager, Fields::parse(&entry["fieldsV1"]), entry)
        };
        Self { applied: applied.into_iter().map(read).collect(), rest }
    }

    /// The fields of one manager; none if it never applied the object.
    pub fn fields(&self, manager: &str) -> Fields {
        self.applied.iter().find(|(m, ..)| m == manager).map(|(_, fields, _)| fields.clone()).unwrap_or_default()
    }

    /// The managers but one, with their fields.
    pub fn others<'a>(&'a self, manager: &'a str) -> impl Iterator<Item = (&'a str, &'a Fields)> {
        self.applied.iter().filter(move |(m, ..)| m != manager).map(|(m, fields, _)| (m.as_str(), fields))
    }

    /// Sets the fields of a manager. Its time moves only if the fields change; without fields the entry goes.
    pub fn set(&mut self, manager: &str, fields: Fields, api_version: &str, time: &str) {
        let at = self.applied.iter().position(|(m, ..)| m == manager);
        if at.is_some_and(|at| self.applied[at].1 == fields) {
            return;
        }
        if let Some(at) = at {
            self.applied.remove(at);
        }
        if !fields.is_empty() {
            let entry = json!({
                "manager": manager, "operation": "Apply", "apiVersion": api_version, "time": time,
                "fieldsType": "FieldsV1", "fieldsV1": fields.print(),
            });
            self.applied.push((manager.to_owned(), fields, entry));
        }
    }

    /// Writes the entries to an object.
    pub fn write(self, object: &mut Value) {
        let entries: Vec<_> = self.applied.into_iter().map(|(.., entry)| entry).chain(self.rest).collect();
        object["metadata"]["managedFields"] = Value::Array(entries);
    }
}
