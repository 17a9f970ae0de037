//! Docker: the kubelet's container engine over the Docker API, and how a node is brought up on a host and taken down.

mod about;
mod attach;
mod containers;
mod copy;
mod endpoint;
mod engine;
mod error;
mod events;
mod exec;
mod golden;
mod host;
mod images;
mod inspect;
mod logins;
mod logs;
mod node;
mod pull;
mod stats;
mod translate;
mod volumes;

pub use crate::kubelet::images::registry;
pub use endpoint::Endpoint;
pub use engine::Engine;
pub use error::Error;
pub use golden::golden;
pub use host::Host;
pub use logins::Logins;
pub use node::{Node, Removed, Settings, Status, UpOptions};
