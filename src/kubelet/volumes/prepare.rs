//! Makes what must be there before containers mount a pod's volumes, keeps it current, and clears it away.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::obey::obey;
use super::volume::{PodVolume, Prepare};
use super::write::{make_inside, remove};
use crate::api::names::{self, container};
use crate::kubelet::runtime::{self, Runtime, VolumeSpec};

/// Why a volume could not be made ready.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state volume can't be read or written.
    #[error("volume \"{volume}\" can't be written: {source}")]
    Write {
        /// The volume in the pod.
        volume: String,
        /// The system's error.
        source: io::Error,
    },
    /// The engine refused.
    #[error("volume \"{volume}\": {source}")]
    Engine {
        /// The volume in the pod.
        volume: String,
        /// The engine's error.
        source: runtime::Error,
    },
    /// What the sandbox was to do in volumes failed.
    #[error("{0}")]
    Fill(String),
}

/// Makes directories, files and Docker volumes. To be called before the sandbox is created, and again when
/// [`fingerprint`] changes: what is there already stays as it is, files that changed are swapped as one.
///
/// # Errors
/// If the state volume can't be written or the engine refuses a volume.
pub async fn prepare(runtime: &dyn Runtime, state_root: &Path, volumes: &[PodVolume]) -> Result<(), Error> {
    for volume in volumes {
        let write_error = |source| Error::Write { volume: volume.name.clone(), source };
        on_disk(state_root, volume).map_err(write_error)?;
        let made = match &volume.prepare {
            Prepare::Memory(spec) | Prepare::Volume(spec) => runtime.create_volume(spec).await,
            Prepare::Image { id, spec } => runtime.copy_image(id, spec).await,
            _ => Ok(()),
        };
        made.map_err(|source| Error::Engine { volume: volume.name.clone(), source })?;
    }
    Ok(())
}

/// Does what the agent itself can do: all under the state volume.
pub(super) fn on_disk(state_root: &Path, volume: &PodVolume) -> io::Result<()> {
    let order = &volume.order;
    match &volume.prepare {
        Prepare::Directory { path, mode } => {
            let path = state_root.join(path);
            if !path.exists() {
                private(&path)?;
                // Not by the mode of creation: the agent's umask would be taken from that.
                fs::set_permissions(&path, Permissions::from_mode(*mode))?;
            }
            order.parts.iter().try_for_each(|part| make_inside(&path, part))
        }
        Prepare::Files { path } => {
            let path = state_root.join(path);
            private(path.parent().unwrap_or(state_root))?;
            obey(&path, order, true)
        }
        Prepare::Memory(spec) => remember(state_root, spec),
        Prepare::Image { .. } | Prepare::Volume(_) | Prepare::Nothing => Ok(()),
    }
}

/// Notes a volume in memory, before it is made, as one to remove at the pod's end, whatever is known of the pod by then.
fn remember(state_root: &Path, spec: &VolumeSpec) -> io::Result<()> {
    let uid = spec.labels.get(container::UID).map(String::as_str).unwrap_or_default();
    let folder = pod(state_root, uid).join("memory");
    private(&folder)?;
    fs::write(folder.join(&spec.name), "")
}

/// What stands for the state of all that [`prepare`] and [`super::fill`] make: while it and the sandbox are the same,
/// neither needs to be called. It follows from secrets: to be kept in memory only.
#[must_use]
pub fn fingerprint(volumes: &[PodVolume]) -> String {
    let mut all = Vec::new();
    for volume in volumes {
        all.extend_from_slice(format!("{volume:?}").as_bytes());
        for file in volume.order.files.iter().flat_map(|files| files.values()) {
            all.extend_from_slice(&file.bytes);
        }
    }
    names::digest(&all, 32)
}

/// Removes all that a pod has under the state volume, env files included, and its volumes in memory. To be called when
/// none of its containers is left.
///
/// # Errors
/// If the engine refuses to remove a volume, or the state volume can't be written; calling it again is safe.
pub async fn clean(runtime: &dyn Runtime, state_root: &Path, uid: &str) -> Result<(), Error> {
    let folder = pod(state_root, uid);
    for name in entries(&folder.join("memory")) {
        let removed = runtime.remove_volume(&name).await;
        removed.map_err(|source| Error::Engine { volume: name, source })?;
    }
    remove(&folder).map_err(|source| Error::Write { volume: format!("pods/{uid}"), source })
}

/// The uids of all pods that have something under the state volume; those that live no more are for [`clean`].
#[must_use]
pub fn remembered(state_root: &Path) -> Vec<String> {
    entries(&state_root.join("pods"))
}

/// Where a volume of a pod is that is under the state volume.
#[must_use]
pub fn folder(state_root: &Path, uid: &str, volume: &str) -> PathBuf {
    pod(state_root, uid).join("volumes").join(volume)
}

fn entries(folder: &Path) -> Vec<String> {
    let all = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = all.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn pod(state_root: &Path, uid: &str) -> PathBuf {
    state_root.join("pods").join(uid)
}

/// Makes a folder, and those above it, for the agent only; containers get to what is inside by binds.
fn private(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(test)]
mod tests;
