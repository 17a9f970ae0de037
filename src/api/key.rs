//! What names an object: kind, namespace, name.

use std::fmt;

use serde_json::Value;

use super::Kind;
use super::object::meta;

/// The name of one object on a node. Ordered by kind, namespace, name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Key {
    /// The object's kind.
    pub kind: &'static Kind,
    /// The object's namespace; empty for cluster-scoped kinds.
    pub namespace: String,
    /// The object's name.
    pub name: String,
}

impl Key {
    /// A key; the namespace is dropped where the kind has none.
    #[must_use]
    pub fn new(kind: &'static Kind, namespace: &str, name: &str) -> Self {
        let namespace = if kind.namespaced { namespace.to_owned() } else { String::new() };
        Self { kind, namespace, name: name.to_owned() }
    }

    /// The key of an object in JSON.
    #[must_use]
    pub fn of(kind: &'static Kind, object: &Value) -> Self {
        Self::new(kind, meta(object, "namespace"), meta(object, "name"))
    }
}

/// `Pod shop/web-0`, or `Node wharf` without a namespace.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            write!(f, "{} {}", self.kind.kind, self.name)
        } else {
            write!(f, "{} {}/{}", self.kind.kind, self.namespace, self.name)
        }
    }
}
