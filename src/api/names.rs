//! The names that wharf gives: labels on Docker objects, seeded suffixes, hashes of templates.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// The Docker label that every object of a node carries; its value is the node's name.
pub const NODE_LABEL: &str = "wharf.node";
/// The namespace of wharf's own pods: ingress and publishers.
pub const SYSTEM_NAMESPACE: &str = "wharf-system";
/// The cluster domain.
pub const CLUSTER_DOMAIN: &str = "cluster.local";
/// The image of `examples/hello`, a second name of wharf's own image.
pub const HELLO_IMAGE: &str = "wharf/hello:1";
/// The storage class whose claims become plain Docker volumes.
pub const DEFAULT_STORAGE_CLASS: &str = "standard";
/// The ingress class that wharf's nginx serves, and the default one.
pub const INGRESS_CLASS: &str = "nginx";

/// Kubernetes' alphabet for generated names: no vowels, no look-alikes.
/// <https://github.com/kubernetes/apimachinery/blob/master/pkg/util/rand/rand.go>
const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// `length` characters (at most 32) that are fit for names and follow from the seed alone.
#[must_use]
pub fn suffix(seed: &str, length: usize) -> String {
    let digest = Sha256::digest(seed.as_bytes());
    digest.iter().take(length).map(|b| char::from(ALPHABET[usize::from(*b) % ALPHABET.len()])).collect()
}

/// A short hash of any value, the same in every process: `pod-template-hash` and the like.
///
/// # Panics
/// Never for types whose serialisation can't fail.
#[must_use]
pub fn hash(value: &impl Serialize) -> String {
    suffix(&serde_json::to_string(value).expect("plain data serialises"), 10)
}

/// `length` hexadecimal digits (at most 64) that follow from the bytes alone.
#[must_use]
pub fn digest(bytes: &[u8], length: usize) -> String {
    let hex = |b: &u8| [b >> 4, b & 15].map(|n| char::from_digit(u32::from(n), 16).unwrap_or('0'));
    Sha256::digest(bytes).iter().flat_map(hex).take(length).collect()
}
