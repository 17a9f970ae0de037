//! Sets of fields, in the tree form of `fieldsV1`.
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::schema::{is_atomic, item_names};

/// A set of fields: the members at this place by their names in `fieldsV1` form (`f:spec`, `k:{…}`, `v:…`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// Whether the place itself is a member: a leaf, or an item of a list.
    pub own: bool,
    /// What is below it.
    pub below: BTreeMap<String, Fields>,
}

/// Fields of `metadata` that name the object or are the server's, so that nobody manages them.
pub const UNMANAGED: [&str; 10] = [
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
    "selfLink",
];

impl Fields {
    /// The fields that an object sets.
    pub fn of(object: &Value) -> Self {
        let mut all = Self::below_object("", object.as_object().unwrap_or(&Map::new()));
        for name in ["f:apiVersion", "f:kind", "f:status"] {
            all.below.remove(name);
        }
        if let Some(metadata) = all.below.get_mut("f:metadata") {
            metadata.below.retain(|name, _| !UNMANAGED.contains(&name.trim_start_matches("f:")));
            metadata.own = false;
        }
        all.below.retain(|_, fields| !fields.is_empty());
        all
    }

    fn below_object(field: &str, object: &Map<String, Value>) -> Self {
        let below = object.iter().map(|(name, value)| (format!("f:{name}"), Self::at(field, name, value)));
        Self { own: false, below: below.collect() }
    }

    /// The fields of the value in `field`, which stands in `parent`.
    fn at(parent: &str, field: &str, value: &Value) -> Self {
        let leaf = Self { own: true, below: BTreeMap::new() };
        match value {
            Value::Object(object) if !object.is_empty() && !is_atomic(field) => Self::below_object(field, object),
            Value::Array(items) if !items.is_empty() => {
                let Some(names) = item_names(parent, field, items) else { return leaf };
                let inside = |item: &Value| Self {
                    own: true,
                    ..item.as_object().map(|item| Self::below_object(field, item)).unwrap_or_default()
                };
                Self { own: false, below: names.into_iter().zip(items.iter().map(inside)).collect() }
            }
            _ => leaf,
        }
    }

    /// Whether nothing is a member.
    pub fn is_empty(&self) -> bool {
        !self.own && self.below.is_empty()
    }

    /// Reads `fieldsV1`.
    pub fn parse(value: &Value) -> Self {
        let members = value.as_object().into_iter().flatten();
        let below: BTreeMap<_, _> =
            members.filter(|(name, _)| *name != ".").map(|(name, value)| (name.clone(), Self::parse(value))).collect();
        let own = value.get(".").is_some() || below.is_empty();
        Self { own, below }
    }

    /// Writes `fieldsV1`.
    pub fn print(&self) -> Value {
        let mut members = Map::new();
        if self.own && !self.below.is_empty() {
            members.insert(".".into(), Value::Object(Map::new()));
        }
        members.extend(self.below.iter().map(|(name, fields)| (name.clone(), fields.print())));
        Value::Object(members)
    }

    /// Takes out every member of `other`.
    pub fn subtract(&mut self, other: &Self) {
        self.own &= !other.own;
        for (name, fields) in &other.below {
            if let Some(mine) = self.below.get_mut(name) {
                mine.subtract(fields);
                if mine.is_empty() {
                    self.below.remove(name);
                }
            }
        }
    }
}
