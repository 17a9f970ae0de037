//! What the store holds and tells: records and changes, with values as the JSON text that was written.

use bytes::Bytes;

use crate::api::{KINDS, Key, Kind};

/// An object as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its name.
    pub key: Key,
    /// The revision that wrote it.
    pub revision: u64,
    /// The JSON text.
    pub value: Bytes,
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Created,
    /// It was replaced.
    Updated,
    /// It is gone; the value is its last state.
    Deleted,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The revision of the change.
    pub revision: u64,
    /// The object.
    pub key: Key,
    /// What happened.
    pub change: Change,
    /// The value that was written, or the last one of a deleted object.
    pub value: Bytes,
    /// The value before, where there was one.
    pub before: Option<Bytes>,
}

/// The text of a key in the log: `group/Kind/namespace/name`.
pub(super) fn key_text(key: &Key) -> String {
    format!("{}/{}/{}/{}", key.kind.group, key.kind.kind, key.namespace, key.name)
}

/// The range of texts that a kind's keys have, or those of one namespace: from the first, up to before the second.
pub(super) fn key_range(kind: &Kind, namespace: Option<&str>) -> (String, String) {
    let prefix = format!("{}/{}", kind.group, kind.kind);
    let prefix = namespace.map_or_else(|| prefix.clone(), |n| format!("{prefix}/{n}"));
    // '0' follows '/' in ASCII.
    (format!("{prefix}/"), format!("{prefix}0"))
}

/// The key of a text; `None` for kinds that this wharf does not know.
pub(super) fn parse_key(text: &str) -> Option<Key> {
    let mut parts = text.splitn(4, '/');
    let (group, kind) = (parts.next()?, parts.next()?);
    let kind = KINDS.iter().find(|k| k.group == group && k.kind == kind)?;
    Some(Key::new(kind, parts.next()?, parts.next()?))
}
