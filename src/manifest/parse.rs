//! Texts → objects, and everything that is wrong with each of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::document::{self, Document};
use super::position::{Origin, Positions};
use super::read::{Files, Text};
use super::{Diagnostic, Severity, object, value};
use crate::api::schema::field;
use crate::api::{Key, Kind};

/// How to read manifests.
#[derive(Clone, Debug)]
pub struct Options {
    /// The namespace of objects that name none.
    pub namespace: String,
    /// Whether fields that wharf does not honour are warned about instead of refused.
    pub allow_unsupported: bool,
}

/// An object as it was written, with its namespace filled in.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its kind.
    pub kind: &'static Kind,
    /// The object.
    pub value: Value,
    /// Where it stands.
    pub origin: Origin,
}

impl Source {
    /// The object's key.
    pub fn key(&self) -> Key {
        Key::of(self.kind, &self.value)
    }
}

/// All objects of all files, in the order they stand there, and all that is wrong with them.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// The objects, those with problems too.
    pub objects: Vec<Source>,
    /// The problems, in the order of the files.
    pub problems: Vec<Diagnostic>,
}

impl Manifest {
    /// Whether a problem is an error, so that nothing may be applied.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }
}

/// Parses all texts and checks each object for itself: kind, fields, types, names, values, what wharf does not honour.
pub fn parse(files: &Files, options: &Options) -> Manifest {
    let mut manifest = Manifest { problems: files.problems.clone(), ..Manifest::default() };
    for text in &files.texts {
        for (index, document) in document::split(&text.text).into_iter().enumerate() {
            manifest.add_document(text, index + 1, document, options);
        }
    }
    manifest.add_duplicates();
    let order = |file: &str| files.texts.iter().position(|text| text.name == file);
    manifest.problems.sort_by_cached_key(|problem| (order(&problem.file), problem.line, problem.column));
    manifest
}

impl Manifest {
    fn add_document(&mut self, text: &Text, number: usize, document: Document, options: &Options) {
        let parsed = match value::parse(document) {
            Ok(value) => value,
            Err(value::Malformed { line, column, message, hint }) => {
                return self.problems.push(Diagnostic {
                    line,
                    column,
                    hint,
                    ..Diagnostic::of_file(&text.name, message)
                });
            }
        };
        let origin = Origin {
            file: text.name.clone(),
            document: number,
            within: String::new(),
            positions: Arc::new(Positions::of(document.text, document.above)),
        };
        self.add_value(parsed, origin, options);
    }

    /// Adds an object, or the items of a list: `List`, or `PodList` and the like as `kubectl get` prints them.
    fn add_value(&mut self, value: Value, origin: Origin, options: &Options) {
        let is_list = value["kind"].as_str().is_some_and(|kind| kind.ends_with("List"));
        match value {
            Value::Null => {}
            Value::Object(mut list) if is_list && list.get("items").is_some_and(Value::is_array) => {
                let Some(Value::Array(items)) = list.remove("items") else { return };
                for (index, item) in items.into_iter().enumerate() {
                    let within = field(&origin.within, &format!("items[{index}]"));
                    self.add_value(item, Origin { within, ..origin.clone() }, options);
                }
            }
            value => {
                let (source, problems) = object::read(value, origin, options);
                self.objects.extend(source);
                self.problems.extend(problems);
            }
        }
    }

    fn add_duplicates(&mut self) {
        let mut first: BTreeMap<Key, &Origin> = BTreeMap::new();
        for object in self.objects.iter().filter(|object| !object.key().name.is_empty()) {
            let key = object.key();
            if let Some(origin) = first.get(&key) {
                let message = format!("{key} stands already at {}:{}", origin.file, origin.position("").line);
                self.problems.push(object.origin.error("metadata.name", message));
            } else {
                first.insert(key, &object.origin);
            }
        }
    }
}
