//! The volumes of pods: translated from the manifest, prepared before containers start, kept current, removed.
//!
//! In order: [`translate`], [`prepare`], a sandbox with [`sandbox_mounts`], [`fill`], containers with [`mounts`]; when
//! [`fingerprint`] changes, [`prepare`] and [`fill`] again; [`clean`] at the end.

mod claim;
mod files;
mod fill;
mod mounts;
mod prepare;
mod translate;
mod volume;
mod write;

pub use claim::DOCKER_VOLUME_DRIVER;
pub use fill::{archive, fill};
pub use mounts::{SANDBOX_FOLDER, mounts, sandbox_mounts};
pub use prepare::{Error, clean, fingerprint, prepare, remembered};
pub use translate::translate;
pub use volume::{File, Files, Missing, PodVolume, Prepare, inside};
pub use write::{make_inside, write};
