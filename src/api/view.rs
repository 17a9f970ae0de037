//! Immutable objects at one revision: what every planner observes.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use super::kind::Decoded;
use super::{Key, Kind, Object};

type Named = BTreeMap<(String, String), Decoded>;

/// The objects of a node at one revision. Cloning is cheap; a change copies only what is shared.
#[derive(Clone, Default)]
pub struct View {
    /// The store's revision that this view shows.
    pub revision: u64,
    kinds: BTreeMap<&'static Kind, Arc<Named>>,
}

impl View {
    /// A view of the given objects, for tests and translations of files.
    #[must_use]
    pub fn of<T: Object>(objects: impl IntoIterator<Item = T>) -> Self {
        let mut view = Self::default();
        view.extend(objects);
        view
    }

    /// Adds objects of one type.
    pub fn extend<T: Object>(&mut self, objects: impl IntoIterator<Item = T>) {
        for object in objects {
            self.insert(object.key(), Arc::new(object));
        }
    }

    /// Puts an object in the place of `key`. The object must have been decoded by the key's kind.
    pub fn insert(&mut self, key: Key, object: Decoded) {
        Arc::make_mut(self.kinds.entry(key.kind).or_default()).insert((key.namespace, key.name), object);
    }

    /// Takes the object out; it is no error if there is none.
    pub fn remove(&mut self, key: &Key) {
        if let Some(named) = self.kinds.get_mut(key.kind) {
            Arc::make_mut(named).remove(&(key.namespace.clone(), key.name.clone()));
        }
    }

    /// One object; the namespace is empty for cluster-scoped kinds.
    #[must_use]
    pub fn get<T: Object>(&self, namespace: &str, name: &str) -> Option<&T> {
        let named = self.kinds.get(Kind::of::<T>())?;
        named.get(&(namespace.to_owned(), name.to_owned())).and_then(downcast)
    }

    /// All objects of a type, ordered by namespace and name.
    pub fn all<T: Object>(&self) -> impl Iterator<Item = &T> {
        self.kinds.get(Kind::of::<T>()).into_iter().flat_map(|named| named.values().filter_map(downcast))
    }

    /// The objects of a type in one namespace, ordered by name.
    pub fn list<T: Object>(&self, namespace: &str) -> impl Iterator<Item = &T> {
        let namespace = namespace.to_owned();
        self.kinds.get(Kind::of::<T>()).into_iter().flat_map(move |named| {
            let end = namespace.clone();
            let from = named.range((namespace.clone(), String::new())..);
            from.take_while(move |((n, _), _)| *n == end).filter_map(|(_, object)| downcast(object))
        })
    }

    /// Whether an object is there, whatever its type.
    #[must_use]
    pub fn contains(&self, key: &Key) -> bool {
        self.decoded(key).is_some()
    }

    /// The metadata of an object, whatever its type.
    #[must_use]
    pub fn metadata(&self, key: &Key) -> Option<&ObjectMeta> {
        (key.kind.metadata)(self.decoded(key)?)
    }

    /// The JSON of an object, whatever its type.
    #[must_use]
    pub fn value(&self, key: &Key) -> Option<Value> {
        (key.kind.encode)(self.decoded(key)?)
    }

    fn decoded(&self, key: &Key) -> Option<&Decoded> {
        self.kinds.get(key.kind)?.get(&(key.namespace.clone(), key.name.clone()))
    }

    /// The keys of all objects of a kind, in order.
    pub fn keys(&self, kind: &'static Kind) -> impl Iterator<Item = Key> {
        self.kinds.get(kind).into_iter().flat_map(move |n| n.keys().map(move |(ns, name)| Key::new(kind, ns, name)))
    }
}

fn downcast<T: Any>(object: &Decoded) -> Option<&T> {
    (**object).downcast_ref()
}
