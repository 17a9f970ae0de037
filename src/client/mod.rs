//! The API as the rest of wharf sees it: in process or over a stream, with informers that keep a view current.

mod error;
mod informer;
mod remote;
mod request;
mod session;
mod verbs;

#[cfg(test)]
mod tests;

pub use crate::apiserver::{
    DeleteOptions, ExecQuery, Flow, Input, Later, List, ListOptions, LogQuery, Moment, Output, Patch, Session,
    WatchEvent,
};
pub use error::Error;
pub use informer::Informer;
pub use remote::{Dial, Duplex, Remote};
pub use verbs::Client;
