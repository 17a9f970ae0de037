//! The metadata that is the server's to write. Pure but for the random bytes of a uid.
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>

use std::io::Read;

use serde_json::{Map, Value, json};

use crate::api::object::meta;
use crate::api::{Key, Kind, Timestamp};
use crate::apiserver::Error;

/// Fields that an update can't change: they stay as they are stored.
const FIXED: [&str; 6] =
    ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "generateName"];

/// The kinds whose objects have a phase from the start.
const FIRST_PHASE: [(&str, &str); 4] = [
    ("Namespace", "Active"),
    ("Pod", "Pending"),
    ("PersistentVolumeClaim", "Pending"),
    ("PersistentVolume", "Pending"),
];

/// Checks that a request's body is an object of the kind in the namespace, and fills in what the path says.
///
/// # Errors
/// [`Error::BadRequest`] where body and path disagree.
pub fn fit(kind: &'static Kind, namespace: &str, object: &mut Value) -> Result<(), Error> {
    let bad = |what: String| Err(Error::BadRequest(what));
    if !object.is_object() {
        return bad(format!("the body is not a {}", kind.kind));
    }
    for (field, expected) in [("apiVersion", kind.api_version()), ("kind", kind.kind.to_owned())] {
        match object[field].as_str() {
            None | Some("") => object[field] = expected.into(),
            Some(found) if found == expected => {}
            Some(found) => return bad(format!("{field} of the body is {found}, that of the path is {expected}")),
        }
    }
    let metadata = &mut object["metadata"];
    if metadata.is_null() {
        *metadata = Value::Object(Map::new());
    }
    let Some(metadata) = metadata.as_object_mut() else { return bad("metadata is not an object".into()) };
    if !kind.namespaced {
        metadata.remove("namespace");
        return Ok(());
    }
    match metadata.get("namespace").and_then(Value::as_str) {
        Some(found) if !found.is_empty() && found != namespace => {
            bad("the namespace of the provided object does not match the namespace sent on the request".into())
        }
        _ => {
            metadata.insert("namespace".into(), namespace.into());
            Ok(())
        }
    }
}

/// Gives a new object what the server decides: uid, time, generation, first status, a generated name.
///
/// # Errors
/// [`Error::BadRequest`] if the object carries what only stored ones have; [`Error::Unavailable`] without random bytes.
pub fn begin(kind: &'static Kind, object: &mut Value, now: Timestamp) -> Result<(), Error> {
    if !meta(object, "resourceVersion").is_empty() {
        return Err(Error::BadRequest("resourceVersion should not be set on objects to be created".into()));
    }
    let uid = new_uid().map_err(|e| Error::Unavailable(format!("no random bytes for a uid: {e}")))?;
    if meta(object, "name").is_empty() && !meta(object, "generateName").is_empty() {
        let suffix = crate::api::names::suffix(&uid, 5);
        object["metadata"]["name"] = format!("{}{suffix}", meta(object, "generateName")).into();
    }
    let has_spec = object.get("spec").is_some();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.retain(|name, _| name == "generateName" || !FIXED.contains(&name.as_str()));
        metadata.insert("uid".into(), uid.into());
        metadata.insert("creationTimestamp".into(), time(now).into());
        if has_spec {
            metadata.insert("generation".into(), 1.into());
        }
    }
    if kind.status {
        object.as_object_mut().map(|o| o.remove("status"));
    }
    if let Some((_, phase)) = FIRST_PHASE.iter().find(|(k, _)| *k == kind.kind) {
        object["status"]["phase"] = (*phase).into();
    }
    if kind.kind == "Namespace" {
        object["spec"] = json!({"finalizers": ["kubernetes"]});
    }
    Ok(())
}

/// Keeps what an update can't change.
///
/// # Errors
/// [`Error::Conflict`] if the object was read at another revision or is another one; [`Error::Forbidden`] if it adds a
/// finalizer to an object that is being deleted.
pub fn keep(key: &Key, object: &mut Value, old: &Value) -> Result<(), Error> {
    let conflict = |why: &str| Err(Error::Conflict(key.clone(), why.to_owned()));
    let (revision, uid) = (meta(object, "resourceVersion"), meta(object, "uid"));
    if !revision.is_empty() && revision != meta(old, "resourceVersion") {
        return conflict("the object has been modified; please apply your changes to the latest version and try again");
    }
    if !uid.is_empty() && uid != meta(old, "uid") {
        return conflict(&format!(
            "Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
            meta(old, "uid")
        ));
    }
    let added = finalizers(object).find(|f| !finalizers(old).any(|o| o == *f));
    if let (true, Some(added)) = (is_deleting(old), added) {
        return Err(Error::Forbidden(
            key.clone(),
            format!("no new finalizers can be added if the object is being deleted, found new finalizer \"{added}\""),
        ));
    }
    let (Some(new), Some(was)) = (object["metadata"].as_object_mut(), old["metadata"].as_object()) else {
        return Ok(());
    };
    for field in FIXED.iter().chain(&["resourceVersion"]) {
        match was.get(*field) {
            Some(value) => new.insert((*field).to_owned(), value.clone()),
            None => new.remove(*field),
        };
    }
    // A writer that knows nothing of managed fields leaves them as they are.
    if let (None, Some(managed)) = (new.get("managedFields"), was.get("managedFields")) {
        new.insert("managedFields".into(), managed.clone());
    }
    Ok(())
}

/// Counts the generation up if anything but metadata and status changed.
pub fn count(object: &mut Value, old: &Value) {
    let rest = |v: &Value| {
        let fields = v.as_object().into_iter().flatten().filter(|(k, _)| !matches!(k.as_str(), "metadata" | "status"));
        fields.map(|(k, v)| (k.clone(), v.clone())).collect::<Map<_, _>>()
    };
    if let Some(generation) = old["metadata"]["generation"].as_i64()
        && rest(object) != rest(old)
    {
        object["metadata"]["generation"] = (generation + 1).into();
    }
}

/// The finalizers of an object.
pub fn finalizers(object: &Value) -> impl Iterator<Item = &str> {
    object["metadata"]["finalizers"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Whether deletion was asked for.
pub fn is_deleting(object: &Value) -> bool {
    object["metadata"]["deletionTimestamp"].is_string()
}

/// A time as Kubernetes writes it, in whole seconds.
pub fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A random UUID of version 4.
pub(super) fn new_uid() -> std::io::Result<String> {
    let mut bytes = [0_u8; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = bytes.iter().fold(String::new(), |text, b| format!("{text}{b:02x}"));
    Ok(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
}
