//! A pod's volume as plain data: what is mounted, and what must be there before.

use std::path::{Component, Path};

use super::order::Order;
use crate::kubelet::missing::Missing;
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
    /// What is to be done inside it before a container mounts it.
    pub order: Order,
    /// Whether the sandbox mounts it even if nothing is to be done inside: containers mount parts of it that are known
    /// only when they start.
    pub held: bool,
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
    },
    /// A volume in memory that lives and dies with the pod's sandbox, filled from there.
    Memory(VolumeSpec),
    /// A copy of an image, which pods share.
    Image {
        /// The image's id.
        id: String,
        /// The volume.
        spec: VolumeSpec,
    },
    /// A volume of the engine that outlives the pod.
    Volume(VolumeSpec),
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
