//! One pure file a kind, each deciding what its objects need next; `run` is the only loop.

mod claim;
mod deployment;
mod endpoints;
mod ephemeral;
mod event;
mod garbage;
#[cfg(test)]
mod model;
mod namespace;
mod pod;
mod publisher;
mod replica_set;
mod root_ca;
mod run;
mod table;
mod volume;

pub use run::run;
pub use table::{CONTROLLERS, Controller};
pub use volume::DRIVER;
