//! A pod's volume as plain data: what is mounted, and what must be there before.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Component, Path};

use crate::kubelet::runtime::{Source, VolumeSpec};

/// A volume of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodVolume {
    /// Its name in the pod.
    pub name: String,
    /// What containers mount.
    pub source: Source,
    /// Whether no mount of it can be written.
    pub read_only: bool,
    /// What must be there before a container mounts it.
    pub prepare: Prepare,
    /// The paths inside it that containers mount.
    pub sub_paths: BTreeSet<String>,
}

/// What must be there before a container mounts a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prepare {
    /// Nothing: the Docker host has it.
    Nothing,
    /// A directory under the state volume.
    Directory {
        /// The path under the state volume.
        path: String,
        /// Its permissions.
        mode: u32,
    },
    /// Files under the state volume, swapped as one when they change.
    Files {
        /// The path of their directory under the state volume.
        path: String,
        /// What is in it.
        files: Files,
    },
    /// A volume in memory that lives and dies with the pod's sandbox, filled from there.
    Memory {
        /// The volume.
        spec: VolumeSpec,
        /// What is in it, swapped as one when it changes; `None` for an empty one that is the containers' own.
        files: Option<Files>,
    },
    /// A volume of the engine that outlives the pod.
    Volume(VolumeSpec),
}

/// Files by their path in the volume.
pub type Files = BTreeMap<String, File>;

/// A file of a volume. Its content may be secret and is not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Its permissions.
    pub mode: u32,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:04o}, {} bytes", self.mode, self.bytes.len())
    }
}

/// Why a volume can't be had yet, or at all; in Kubernetes' words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// There is no such object.
    #[error("{kind} \"{name}\" not found")]
    Object {
        /// `configmap`, `secret`, `persistentvolumeclaim`, `persistentvolume`, `volume`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// The object has no such key.
    #[error("{kind} \"{name}\" references non-existent key: {key}")]
    Key {
        /// `configmap` or `secret`.
        kind: &'static str,
        /// The object's name.
        name: String,
        /// The key.
        key: String,
    },
    /// The claim has no volume yet.
    #[error("persistentvolumeclaim \"{0}\" is not bound")]
    Unbound(String),
    /// A path would lead out of its volume.
    #[error("path \"{0}\" must be relative and not contain \"..\"")]
    Escape(String),
    /// Something that wharf does not do.
    #[error("{0}")]
    Unsupported(String),
}

/// The path without needless parts; empty for the volume itself.
///
/// # Errors
/// If it is absolute or has a `..`.
pub fn inside(path: &str) -> Result<String, Missing> {
    let mut parts = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_string_lossy()),
            Component::CurDir => {}
            _ => return Err(Missing::Escape(path.to_owned())),
        }
    }
    Ok(parts.join("/"))
}
