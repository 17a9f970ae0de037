//! What Kubernetes refuses in the data of ConfigMaps and Secrets: keys, size, changes to what is immutable.

use super::field::named;
use super::name;
use crate::api::Problem;

/// The bytes that all values of one object may have together.
/// <https://kubernetes.io/docs/concepts/configuration/configmap/#motivation>
const SIZE: usize = 1 << 20;

/// Keys that make good file names.
pub fn keys<'a>(field: &str, keys: impl Iterator<Item = &'a String>) -> Vec<Problem> {
    keys.flat_map(|key| named(&format!("{field}[{key}]"), key, name::config_key)).collect()
}

/// At most a mebibyte.
pub fn size(path: &str, bytes: usize) -> Option<Problem> {
    (bytes > SIZE).then(|| Problem::invalid(path, format!("must have at most {SIZE} bytes")))
}

/// A field that may not change once the object is `immutable`.
pub fn frozen<T: PartialEq>(path: &str, immutable: bool, new: &T, old: &T) -> Option<Problem> {
    (immutable && new != old).then(|| Problem::forbidden(path, "field is immutable when `immutable` is set"))
}
