//! A node on a Docker host: brought up, found, dialled, taken down. Two nodes never touch each other: everything is
//! found by the node's label.

mod container;
mod dial;
mod down;
mod executable;
mod files;
mod image;
mod network;
mod settings;
mod status;
mod subnet;
mod up;

pub use down::Removed;
pub use settings::Settings;
pub use status::Status;
pub use up::{Node, UpOptions};
