//! Every object of a node and its recent history, in one append-only log in SQLite.
//!
//! The shape is kine's: one table, where a row is one change; a unique (key, previous revision) is the compare-and-swap,
//! and the row's number is the node's global revision. Nobody but `apiserver` calls this (and `agent` opens it).

mod compact;
mod error;
mod event;
mod log;
mod recent;
mod watch;

#[cfg(test)]
mod tests;

pub use error::Error;
pub use event::{Change, Event, Record};
pub use log::Store;
pub use watch::Watch;
