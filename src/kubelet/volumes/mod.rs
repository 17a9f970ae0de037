//! The volumes of pods: translated from the manifest, prepared before containers start, kept current, removed.

mod claim;
mod files;
mod mounts;
mod translate;
mod volume;

pub use mounts::{SANDBOX_FOLDER, mounts, sandbox_mounts};
pub use translate::translate;
pub use volume::{File, Files, Missing, PodVolume, Prepare};
