//! What callers may ask of the verbs, and what comes back.

use serde_json::Value;

/// Narrows a list or a watch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListOptions {
    /// Only this namespace; all where it is `None`.
    pub namespace: Option<String>,
    /// A label selector as `kubectl -l` takes it; empty for all.
    pub labels: String,
    /// A field selector, `metadata.name=web`; empty for all.
    pub fields: String,
}

/// A list and the revision that it shows.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// The objects, ordered by namespace and name.
    pub items: Vec<Value>,
    /// The store's revision; a watch goes on from here.
    pub revision: u64,
}

/// Which part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageOptions {
    /// At most so many objects; all where it is `None` or 0.
    pub limit: Option<usize>,
    /// Where the page before ended, as it said.
    pub token: Option<String>,
    /// Only this revision of the store will do.
    pub exactly: Option<u64>,
    /// Any revision from this one on will do.
    pub not_older: Option<u64>,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The objects, ordered by namespace and name.
    pub items: Vec<Value>,
    /// The store's revision that it shows.
    pub revision: u64,
    /// The token for the next page; `None` after the last.
    pub next: Option<String>,
    /// How many objects are left after this page, where that is known.
    pub left: Option<usize>,
}

/// One step of a watch: the store is at the revision, and this happened to what is watched, if anything.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// The store's revision.
    pub revision: u64,
    /// What happened; `None` where the change concerns others.
    pub event: Option<WatchEvent>,
}

/// One change, as a watch delivers it.
#[derive(Clone, Debug, PartialEq)]
pub enum WatchEvent {
    /// The object is new to this watch.
    Added(Value),
    /// The object changed.
    Modified(Value),
    /// The object is gone; its last state.
    Deleted(Value),
}

/// How `patch` changes an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Patch {
    /// RFC 7386.
    Merge(Value),
    /// RFC 7386, but lists are merged by the keys of their items, and directives tell what goes.
    /// <https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md>
    Strategic(Value),
    /// RFC 6902.
    Json(Value),
    /// Server-side apply: the fields that `manager` wants; what it wanted before and does not any more is removed.
    Apply {
        /// The object with just the wanted fields.
        object: Value,
        /// The name of the field manager.
        manager: String,
        /// Take over fields that another manager owns.
        force: bool,
    },
}

/// How `delete` deletes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteOptions {
    /// The uid that the object must have.
    pub uid: Option<String>,
    /// The `resourceVersion` that the object must have.
    pub revision: Option<String>,
    /// Grace period in seconds, where it differs from the object's own.
    pub grace: Option<i64>,
    /// `Background`, `Foreground` or `Orphan`; the kind's default where it is `None`.
    pub propagation: Option<String>,
}
