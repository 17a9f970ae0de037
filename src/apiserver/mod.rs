//! The Kubernetes REST API over the store: one file a verb, for all kinds.

mod error;
mod options;
pub mod rest;

pub use error::Error;
pub use options::{DeleteOptions, List, ListOptions, Moment, Patch, WatchEvent};
pub use rest::{Config, Rest};
