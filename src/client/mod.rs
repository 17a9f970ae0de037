//! The API as the rest of wharf sees it: in process or over a stream, with informers that keep a view current.

pub mod apply;
mod error;
mod events;
mod gate;
mod informer;
mod remote;
mod request;
pub mod rounds;
mod session;
mod verbs;

#[cfg(test)]
mod tests;

pub use crate::apiserver::{
    DeleteOptions, ExecQuery, Flow, Input, Later, List, ListOptions, LogQuery, Moment, Output, Patch, Session,
    WatchEvent,
};
pub use apply::apply;
pub use error::Error;
pub use gate::Gate;
pub use informer::{Informer, observe};
pub use remote::{Dial, Duplex, Remote};
pub use rounds::Outcome;
pub use verbs::Client;
