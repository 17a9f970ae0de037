//! What every object has: a kind and metadata, typed or as JSON.

use std::any::Any;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Key, Kind};

/// A Kubernetes type that has a row in [`super::KINDS`].
pub trait Object:
    k8s_openapi::Resource
    + k8s_openapi::Metadata<Ty = ObjectMeta>
    + Serialize
    + DeserializeOwned
    + Clone
    + Any
    + Send
    + Sync
{
    /// The object's name; empty before one was given.
    fn name(&self) -> &str {
        self.metadata().name.as_deref().unwrap_or_default()
    }

    /// The object's namespace; empty for cluster-scoped kinds.
    fn namespace(&self) -> &str {
        self.metadata().namespace.as_deref().unwrap_or_default()
    }

    /// The object's uid; empty before the server gave one.
    fn uid(&self) -> &str {
        self.metadata().uid.as_deref().unwrap_or_default()
    }

    /// Whether deletion was asked for and finalizers or a grace period hold it up.
    fn is_deleting(&self) -> bool {
        self.metadata().deletion_timestamp.is_some()
    }

    /// The label's value, if it is set.
    fn label(&self, name: &str) -> Option<&str> {
        self.metadata().labels.as_ref()?.get(name).map(String::as_str)
    }

    /// The annotation's value, if it is set.
    fn annotation(&self, name: &str) -> Option<&str> {
        self.metadata().annotations.as_ref()?.get(name).map(String::as_str)
    }

    /// The owner that controls this object, if it has one.
    fn controller(&self) -> Option<&OwnerReference> {
        self.metadata().owner_references.as_ref()?.iter().find(|o| o.controller == Some(true))
    }

    /// The object's key.
    fn key(&self) -> Key {
        Key::new(Kind::of::<Self>(), self.namespace(), self.name())
    }

    /// A controller reference to this object, as a dependent carries it.
    fn owner_reference(&self) -> OwnerReference {
        OwnerReference {
            api_version: Self::API_VERSION.to_owned(),
            kind: Self::KIND.to_owned(),
            name: self.name().to_owned(),
            uid: self.uid().to_owned(),
            controller: Some(true),
            block_owner_deletion: Some(true),
        }
    }

    /// The object as JSON.
    ///
    /// # Panics
    /// Never for the types of k8s-openapi, whose serialisation can't fail.
    fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("k8s-openapi types serialise")
    }
}

impl<T> Object for T where
    T: k8s_openapi::Resource
        + k8s_openapi::Metadata<Ty = ObjectMeta>
        + Serialize
        + DeserializeOwned
        + Clone
        + Any
        + Send
        + Sync
{
}

/// A string in an object's metadata (`name`, `namespace`, `uid`, `resourceVersion`); empty where it is absent.
#[must_use]
pub fn meta<'a>(object: &'a Value, field: &str) -> &'a str {
    object["metadata"][field].as_str().unwrap_or_default()
}
