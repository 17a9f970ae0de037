//! The verb patch: merge patch, strategic merge patch, JSON patch, server-side apply.
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-update>

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::server::Rest;
use super::{Subresource, metadata, scale};
use crate::api::object::meta;
use crate::api::patch::{Applied, apply, strategic};
use crate::api::{Key, Timestamp};
use crate::apiserver::{Error, Patch};

impl Rest {
    /// Changes an object or a part of it. An apply creates the object where there is none. Nothing is written where
    /// nothing changes.
    ///
    /// # Errors
    /// As Kubernetes: the object is absent, the patch does not fit, the result is invalid, another manager owns a
    /// field; or the store fails.
    pub fn patch(&self, key: &Key, part: Subresource, patch: Patch) -> Result<Value, Error> {
        let _writing = self.writing();
        if let Patch::Apply { object, manager, force } = patch {
            if part != Subresource::Main {
                return Err(Error::BadRequest("apply works on whole objects, not on subresources".into()));
            }
            return self.apply(key, object, &manager, force);
        }
        let old = self.get(key)?;
        let mut object = if part == Subresource::Scale { scale::of(&old) } else { old.clone() };
        match patch {
            Patch::Merge(patch) => json_patch::merge(&mut object, &patch),
            Patch::Strategic(patch) => {
                object = strategic(&object, &patch).map_err(Error::BadRequest)?;
            }
            Patch::Json(patch) => {
                let patch: json_patch::Patch =
                    serde_json::from_value(patch).map_err(|e| Error::BadRequest(format!("not a JSON patch: {e}")))?;
                json_patch::patch(&mut object, &patch).map_err(|e| Error::BadRequest(e.to_string()))?;
            }
            Patch::Apply { .. } => {}
        }
        if part == Subresource::Scale {
            let replaced = scale::replace(&old, &object).map_err(Error::BadRequest)?;
            return self.update_locked(key, Subresource::Main, replaced, &old).map(|new| scale::of(&new));
        }
        self.update_locked(key, part, object, &old)
    }

    fn apply(&self, key: &Key, mut object: Value, manager: &str, force: bool) -> Result<Value, Error> {
        if manager.is_empty() {
            return Err(Error::BadRequest("fieldManager is required for apply patch".into()));
        }
        metadata::fit(key.kind, &key.namespace, &mut object)?;
        encode_strings(&mut object);
        let time = metadata::time(Timestamp::now());
        let applied = Applied { object: &object, manager, force, time: &time };
        let old = match self.get(key) {
            Ok(old) => old,
            Err(Error::NotFound(_)) => {
                let mut empty = json!({"metadata": {"name": key.name}});
                metadata::fit(key.kind, &key.namespace, &mut empty)?;
                let new = apply(&empty, &applied).map_err(Error::Owned)?;
                return self.create_locked(key.kind, &key.namespace, new);
            }
            Err(e) => return Err(e),
        };
        let uid = meta(&object, "uid");
        if !uid.is_empty() && uid != meta(&old, "uid") {
            return Err(Error::Conflict(key.clone(), format!("uid mismatch: the provided object has {uid}")));
        }
        let mut new = apply(&old, &applied).map_err(Error::Owned)?;
        let revision = meta(&object, "resourceVersion");
        if !revision.is_empty() {
            new["metadata"]["resourceVersion"] = revision.into();
        }
        self.update_locked(key, Subresource::Main, new, &old)
    }
}

/// Turns a Secret's `stringData` into `data`, so that a key that is left out in the next apply is known and goes.
fn encode_strings(object: &mut Value) {
    if object["kind"] != "Secret" {
        return;
    }
    let Some(Value::Object(strings)) = object.as_object_mut().and_then(|o| o.remove("stringData")) else { return };
    for (name, text) in strings {
        let encoded = text.as_str().map_or(text.clone(), |text| BASE64_STANDARD.encode(text).into());
        object["data"][name] = encoded;
    }
}
