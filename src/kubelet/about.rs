//! What the container engine says of itself and its host.

use std::collections::BTreeSet;

/// What the container engine says of itself and its host; empty where it did not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Name and version, as a Node tells it: `docker://28.0.1`.
    pub version: String,
    /// The host's operating system in words.
    pub system: String,
    /// The engine's id of the host.
    pub id: String,
    /// The OCI runtimes that it has.
    pub runtimes: BTreeSet<String>,
    /// Whether it confines containers by AppArmor.
    pub apparmor: bool,
}
