//! The volumes of pods: translated from the manifest, prepared before containers start, kept current, removed.
//!
//! In order: [`translate`], [`prepare`], a sandbox with [`sandbox_mounts`], [`fill`], containers with [`mounts`]; when
//! [`fingerprint`] changes, [`prepare`] and [`fill`] again; [`clean`] at the end.

mod blame;
mod claim;
mod downward;
mod files;
mod fill;
mod frame;
mod mounts;
mod obey;
mod order;
mod own;
mod parts;
mod prepare;
mod projected;
mod source;
mod token;
mod translate;
mod volume;
mod write;

pub use blame::blame;
pub use claim::DOCKER_VOLUME_DRIVER;
pub use fill::{fill, orders};
pub use frame::{Orders, answer, frame, heard, parse};
pub use mounts::{SANDBOX_FOLDER, mounts, sandbox_mounts};
pub use obey::obey;
pub use order::{Demand, File, Files, HostPathType, Order, Owner};
pub use parts::make_parts;
pub use prepare::{Error, clean, fingerprint, folder, prepare, remembered};
pub use source::image_volume;
pub use token::{Ask, Token, TokenRequest, Tokens};
pub use translate::{Given, Unready, translate};
pub use volume::{PodVolume, Prepare, inside};
pub use write::{make_inside, write};
