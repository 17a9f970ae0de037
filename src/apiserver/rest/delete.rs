//! The verbs delete and deletecollection.
//! <https://kubernetes.io/docs/concepts/architecture/garbage-collection/>

use serde_json::{Value, json};

use super::metadata::{self, is_deleting};
use super::server::Rest;
use super::update::may_end;
use crate::api::object::meta;
use crate::api::{Key, Kind, Timestamp};
use crate::apiserver::{DeleteOptions, Error, ListOptions};

/// The grace period of a pod that names none, in seconds.
const POD_GRACE: i64 = 30;

impl Rest {
    /// Deletes an object: at once, or marked where finalizers or a pod's grace period hold it.
    ///
    /// # Errors
    /// As Kubernetes: the object is absent, is another one, or may not be deleted; or the store fails.
    pub fn delete(&self, key: &Key, options: &DeleteOptions) -> Result<Value, Error> {
        let _writing = self.writing();
        let old = self.get(key)?;
        if key.kind.kind == "Namespace" && ["default", crate::api::names::SYSTEM_NAMESPACE].contains(&&*key.name) {
            return Err(Error::Forbidden(key.clone(), "this namespace may not be deleted".into()));
        }
        if let Some(uid) = options.uid.as_deref().filter(|uid| *uid != meta(&old, "uid")) {
            let found = meta(&old, "uid");
            let why = format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {found}");
            return Err(Error::Conflict(key.clone(), why));
        }
        if let Some(revision) =
            options.revision.as_deref().filter(|revision| *revision != meta(&old, "resourceVersion"))
        {
            let found = meta(&old, "resourceVersion");
            let why = format!(
                "Precondition failed: ResourceVersion in precondition: {revision}, ResourceVersion in object meta: {found}"
            );
            return Err(Error::Conflict(key.clone(), why));
        }
        let new = marked(key, &old, options, Timestamp::now());
        if may_end(&new) {
            return self.store_end(key, &old);
        }
        if new == old {
            return Ok(old);
        }
        self.store_over(key, &old, &new)
    }

    /// Deletes every selected object and returns them.
    ///
    /// # Errors
    /// As [`Rest::delete`]; an object that is gone by then is no error.
    pub fn delete_collection(
        &self,
        kind: &'static Kind,
        selection: &ListOptions,
        options: &DeleteOptions,
    ) -> Result<Vec<Value>, Error> {
        let mut deleted = Vec::new();
        for item in self.list(kind, selection)?.items {
            match self.delete(&Key::of(kind, &item), options) {
                Ok(object) => deleted.push(object),
                Err(Error::NotFound(_)) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(deleted)
    }
}

/// The object with its deletion asked for.
fn marked(key: &Key, old: &Value, options: &DeleteOptions, now: Timestamp) -> Value {
    let mut new = old.clone();
    let wanted = match options.propagation.as_deref() {
        Some("Foreground") => Some("foregroundDeletion"),
        Some("Orphan") => Some("orphan"),
        _ => None,
    };
    if let Some(wanted) = wanted.filter(|w| !metadata::finalizers(old).any(|f| f == *w)) {
        let all: Vec<_> = metadata::finalizers(old).chain([wanted]).collect();
        new["metadata"]["finalizers"] = json!(all);
    }
    let grace = grace(key, old, options);
    let before = old["metadata"]["deletionGracePeriodSeconds"].as_i64().unwrap_or(0);
    if is_deleting(old) && grace >= before {
        return new; // a second deletion can only hurry
    }
    let at = if is_deleting(old) {
        let end: Timestamp = meta(old, "deletionTimestamp").parse().unwrap_or(now);
        end - jiff::SignedDuration::from_secs(before - grace)
    } else {
        now.checked_add(jiff::SignedDuration::from_secs(grace)).unwrap_or(Timestamp::MAX)
    };
    new["metadata"]["deletionTimestamp"] = metadata::time(at).into();
    new["metadata"]["deletionGracePeriodSeconds"] = grace.into();
    if let (false, Some(generation)) = (is_deleting(old), old["metadata"]["generation"].as_i64()) {
        new["metadata"]["generation"] = (generation + 1).into();
    }
    if key.kind.kind == "Namespace" {
        new["status"]["phase"] = "Terminating".into();
    }
    new
}

/// Only pods go gracefully: those that were bound and have not ended by themselves.
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination>
fn grace(key: &Key, old: &Value, options: &DeleteOptions) -> i64 {
    let ended = matches!(old["status"]["phase"].as_str(), Some("Succeeded" | "Failed"));
    let unbound = old["spec"]["nodeName"].as_str().unwrap_or_default().is_empty();
    if key.kind.kind != "Pod" || ended || unbound {
        return 0;
    }
    let own = || old["spec"]["terminationGracePeriodSeconds"].as_i64().unwrap_or(POD_GRACE);
    match options.grace.unwrap_or_else(own) {
        negative if negative < 0 => 1,
        seconds => seconds,
    }
}
