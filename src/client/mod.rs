//! The API as the rest of wharf sees it: in process or over a stream, with informers that keep a view current.

mod error;
mod informer;
mod local;
mod verbs;

#[cfg(test)]
mod tests;

pub use crate::apiserver::{DeleteOptions, List, ListOptions, Moment, Patch, WatchEvent};
pub use error::Error;
pub use informer::Informer;
pub use verbs::{Client, Flow};
