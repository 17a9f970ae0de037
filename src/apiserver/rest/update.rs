//! The verb update, of an object and of its subresources.

use serde_json::{Value, json};

use super::server::Rest;
use super::{Subresource, metadata, pod, pod_parts, scale, service};
use crate::api::Key;
use crate::apiserver::Error;

impl Rest {
    /// Replaces an object or a part of it. Nothing is written where nothing changes.
    ///
    /// # Errors
    /// As Kubernetes: the object is absent, changed since it was read, or invalid; or the store fails.
    pub fn update(&self, key: &Key, part: Subresource, object: Value) -> Result<Value, Error> {
        let _writing = self.writing();
        let old = self.get(key)?;
        if part == Subresource::Scale {
            let replaced = scale::replace(&old, &object).map_err(Error::BadRequest)?;
            return self.update_locked(key, Subresource::Main, replaced, &old).map(|new| scale::of(&new));
        }
        self.update_locked(key, part, object, &old)
    }

    /// Writes `object` over `old`, or ends the object if nothing holds it any more.
    pub(super) fn update_locked(
        &self,
        key: &Key,
        part: Subresource,
        mut object: Value,
        old: &Value,
    ) -> Result<Value, Error> {
        metadata::fit(key.kind, &key.namespace, &mut object)?;
        if metadata_name(&object) != key.name {
            return Err(Error::BadRequest(format!(
                "the name of the object ({}) does not match the name on the URL ({})",
                metadata_name(&object),
                key.name
            )));
        }
        metadata::keep(key, &mut object, old)?;
        let object = merge(key, part, object, old);
        let mut new = (key.kind.admit)(&object, Some(old)).map_err(|p| Error::Invalid(key.clone(), p))?;
        if key.kind.kind == "Pod" {
            let problems = pod_parts::check(part, &new, old);
            if !problems.is_empty() {
                return Err(Error::Invalid(key.clone(), problems));
            }
        }
        self.admit_priority_class(key, &new)?;
        self.allocate(key, &mut new, Some(old))?;
        metadata::count(&mut new, old);
        if new == *old {
            return Ok(new);
        }
        if may_end(&new) {
            // What is left is told to watchers as the object's last state.
            let last = self.store_over(key, old, &new)?;
            return self.store_end(key, &last);
        }
        self.store_over(key, old, &new)
    }
}

/// The parts of the new object that the subresource may write, and the rest of the old one.
fn merge(key: &Key, part: Subresource, mut object: Value, old: &Value) -> Value {
    let take = |to: &mut Value, from: &Value, field: &str| {
        let Some(fields) = to.as_object_mut() else { return };
        match from.get(field) {
            Some(value) => fields.insert(field.to_owned(), value.clone()),
            None => fields.remove(field),
        };
    };
    match part {
        Subresource::Status => {
            let mut new = old.clone();
            take(&mut new, &object, "status");
            new
        }
        Subresource::Finalize => {
            let mut new = old.clone();
            new["spec"]["finalizers"] = object["spec"].get("finalizers").cloned().unwrap_or_else(|| json!([]));
            new
        }
        Subresource::Resize | Subresource::EphemeralContainers => pod_parts::merge(part, &object, old),
        Subresource::Main | Subresource::Scale => {
            if key.kind.status {
                take(&mut object, old, "status");
            }
            if key.kind.kind == "Namespace" {
                take(&mut object, old, "spec");
            }
            if key.kind.kind == "Service" {
                service::carry_over(&mut object, old);
            }
            if key.kind.kind == "Pod" {
                pod::carry_over(&mut object, old);
            }
            object
        }
    }
}

/// Whether deletion was asked for and neither finalizers nor a grace period hold the object.
pub(super) fn may_end(object: &Value) -> bool {
    let grace = object["metadata"]["deletionGracePeriodSeconds"].as_i64().unwrap_or(0);
    let held = object["kind"] == "Namespace" && object["spec"]["finalizers"].as_array().is_some_and(|f| !f.is_empty());
    metadata::is_deleting(object) && grace == 0 && metadata::finalizers(object).next().is_none() && !held
}

fn metadata_name(object: &Value) -> &str {
    crate::api::object::meta(object, "name")
}
