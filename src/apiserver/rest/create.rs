//! The verb create.

use serde_json::Value;

use super::server::{Rest, namespace_kind};
use super::{metadata, service};
use crate::api::{Key, Kind, Timestamp};
use crate::apiserver::{Error, ListOptions};

impl Rest {
    /// Creates an object; the namespace is the path's, and is ignored for cluster-scoped kinds.
    ///
    /// # Errors
    /// As Kubernetes: the namespace is absent or ends, the object exists or is invalid; or the store fails.
    pub fn create(&self, kind: &'static Kind, namespace: &str, object: Value) -> Result<Value, Error> {
        let _writing = self.writing();
        self.create_locked(kind, namespace, object)
    }

    pub(super) fn create_locked(
        &self,
        kind: &'static Kind,
        namespace: &str,
        mut object: Value,
    ) -> Result<Value, Error> {
        metadata::fit(kind, namespace, &mut object)?;
        metadata::begin(kind, &mut object, Timestamp::now())?;
        let key = Key::of(kind, &object);
        if kind.namespaced {
            self.check_namespace(&key)?;
        }
        self.admit_account(&key, &mut object)?;
        let mut object = (kind.admit)(&object, None).map_err(|problems| Error::Invalid(key.clone(), problems))?;
        self.default_class(&key, &mut object)?;
        self.admit_pod(&key, &mut object)?;
        self.admit_priority_class(&key, &object)?;
        self.allocate(&key, &mut object, None)?;
        let new = self.store_new(&key, &object)?;
        if kind.kind == "Namespace" {
            self.begin_namespace(&new)?;
        }
        Ok(new)
    }

    fn check_namespace(&self, key: &Key) -> Result<(), Error> {
        let namespace = self.get(&Key::new(namespace_kind(), "", &key.namespace))?;
        if metadata::is_deleting(&namespace) {
            let why =
                format!("unable to create new content in namespace {} because it is being terminated", key.namespace);
            return Err(Error::Forbidden(key.clone(), why));
        }
        Ok(())
    }

    /// Gives a Service its addresses and node ports; other kinds need none.
    pub(super) fn allocate(&self, key: &Key, object: &mut Value, old: Option<&Value>) -> Result<(), Error> {
        if key.kind.kind != "Service" {
            return Ok(());
        }
        let mut others = self.list(key.kind, &ListOptions::default())?.items;
        others.retain(|other| Key::of(key.kind, other) != *key);
        let done = service::allocate(object, old, &others, self.config().ranges.services);
        done.map_err(|problems| Error::Invalid(key.clone(), problems))
    }
}
