//! The server behind all verbs: store, configuration, and the lock of those that write.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::api::names::SYSTEM_NAMESPACE;
use crate::api::{Key, Kind, Ranges};
use crate::apiserver::Error;
use crate::apiserver::access::Signer;
use crate::store::{self, Record, Store};

/// What the server must know of its node.
#[derive(Clone, Debug)]
pub struct Config {
    /// The node's name.
    pub node: String,
    /// The node's addresses.
    pub ranges: Ranges,
}

/// What is asked before an object is written: its key, its new state, and the old one if there is one.
pub type Guard = Arc<dyn Fn(&Key, &Value, Option<&Value>) -> Result<(), Error> + Send + Sync>;

/// The verbs over one store. Cheap to clone; all clones share store and lock.
#[derive(Clone)]
pub struct Rest {
    pub(super) store: Store,
    config: Arc<Config>,
    writing: Arc<Mutex<()>>,
    signer: Option<Arc<Signer>>,
    /// Whether writes are only tried: <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>.
    dry: bool,
    guard: Option<Guard>,
}

impl Rest {
    /// A server over the store, with the namespaces that are always there.
    ///
    /// # Errors
    /// If the store fails.
    pub fn new(store: Store, config: Config) -> Result<Self, Error> {
        let rest =
            Self { store, config: Arc::new(config), writing: Arc::default(), signer: None, dry: false, guard: None };
        for name in ["default", SYSTEM_NAMESPACE] {
            let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
            match rest.create(namespace_kind(), "", namespace) {
                Ok(_) | Err(Error::AlreadyExists(_)) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(rest)
    }

    /// The same server with a key for the tokens of service accounts.
    #[must_use]
    pub fn signing(mut self, signer: Signer) -> Self {
        self.signer = Some(Arc::new(signer));
        self
    }

    /// The same server, whose writes answer as if they were done, and write nothing.
    #[must_use]
    pub fn dry(&self) -> Self {
        Self { dry: true, ..self.clone() }
    }

    /// The same server, which asks before it writes an object.
    #[must_use]
    pub fn guarded(&self, guard: Guard) -> Self {
        Self { guard: Some(guard), ..self.clone() }
    }

    /// The same server as it is for itself.
    pub(super) fn unguarded(&self) -> Self {
        Self { guard: None, ..self.clone() }
    }

    fn ask(&self, key: &Key, new: &Value, old: Option<&Value>) -> Result<(), Error> {
        self.guard.as_ref().map_or(Ok(()), |guard| guard(key, new, old))
    }

    /// Whether writes are only tried.
    #[must_use]
    pub fn is_dry(&self) -> bool {
        self.dry
    }

    pub(super) fn signer(&self) -> Option<&Signer> {
        self.signer.as_deref()
    }

    /// What the server knows of its node.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// One object.
    ///
    /// # Errors
    /// [`Error::NotFound`], or if the store fails.
    pub fn get(&self, key: &Key) -> Result<Value, Error> {
        let record = self.store.get(key)?.ok_or_else(|| Error::NotFound(key.clone()))?;
        decode(&record)
    }

    /// Held from the read to the write of everything that writes.
    pub(super) fn writing(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores a new object and returns it with its revision.
    pub(super) fn store_new(&self, key: &Key, object: &Value) -> Result<Value, Error> {
        self.ask(key, object, None)?;
        if self.dry {
            return match self.store.get(key)? {
                Some(_) => Err(Error::AlreadyExists(key.clone())),
                None => Ok(object.clone()),
            };
        }
        match self.store.create(key, encode(object)) {
            Ok(revision) => Ok(with_revision(object.clone(), revision)),
            Err(store::Error::Exists) => Err(Error::AlreadyExists(key.clone())),
            Err(e) => Err(e.into()),
        }
    }

    /// Stores an object in the place of `old` and returns it with its revision.
    pub(super) fn store_over(&self, key: &Key, old: &Value, object: &Value) -> Result<Value, Error> {
        self.ask(key, object, Some(old))?;
        if self.dry {
            return Ok(with_revision(object.clone(), revision_of(old)));
        }
        let revision = self.store.update(key, revision_of(old), encode(object))?;
        Ok(with_revision(object.clone(), revision))
    }

    /// Takes an object out of the store and returns its last state with the revision of its end.
    pub(super) fn store_end(&self, key: &Key, old: &Value) -> Result<Value, Error> {
        if self.dry {
            return Ok(old.clone());
        }
        let revision = self.store.delete(key, revision_of(old))?;
        Ok(with_revision(old.clone(), revision))
    }
}

/// The row of Namespace.
pub(super) fn namespace_kind() -> &'static Kind {
    Kind::of::<k8s_openapi::api::core::v1::Namespace>()
}

/// A stored object, with its revision as `resourceVersion`.
pub(super) fn decode(record: &Record) -> Result<Value, Error> {
    parse(&record.key, &record.value, record.revision)
}

/// An object from its stored text, with a revision as `resourceVersion`.
pub(super) fn parse(key: &Key, text: &[u8], revision: u64) -> Result<Value, Error> {
    let value = serde_json::from_slice(text).map_err(|e| Error::Unreadable(key.clone(), e))?;
    Ok(with_revision(value, revision))
}

/// The text to store. The revision is the row's number, so it is not part of the text.
fn encode(object: &Value) -> bytes::Bytes {
    let mut object = object.clone();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("resourceVersion");
    }
    object.to_string().into()
}

fn with_revision(mut object: Value, revision: u64) -> Value {
    object["metadata"]["resourceVersion"] = Value::String(revision.to_string());
    object
}

/// The revision that an object was read at; 0 where it has none.
pub(super) fn revision_of(object: &Value) -> u64 {
    crate::api::object::meta(object, "resourceVersion").parse().unwrap_or(0)
}
