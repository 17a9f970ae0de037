//! The API as the rest of wharf sees it: in process or over a stream, with informers that keep a view current.

pub mod apply;
mod error;
mod events;
mod informer;
mod local;
pub mod rounds;
mod verbs;

#[cfg(test)]
mod tests;

pub use crate::apiserver::{DeleteOptions, List, ListOptions, Moment, Patch, WatchEvent};
pub use apply::apply;
pub use error::Error;
pub use informer::Informer;
pub use rounds::Outcome;
pub use verbs::{Client, Flow};
