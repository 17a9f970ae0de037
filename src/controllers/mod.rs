//! One pure file a kind, each deciding what its objects need next; `run` is the only loop.

mod aggregation;
mod amount;
pub mod autoscaler;
mod budget;
mod claim;
mod cron_job;
mod daemon_set;
mod deployment;
mod endpoints;
mod ephemeral;
mod event;
mod garbage;
mod job;
#[cfg(test)]
mod model;
mod namespace;
mod ownership;
mod pod;
mod publisher;
mod replica_set;
mod replicated;
mod replication_controller;
mod revisions;
mod root_ca;
mod run;
mod stateful_set;
mod table;
mod template;
mod terminated;
mod volume;

pub use run::run;
pub use table::{CONTROLLERS, Controller};
pub use volume::DRIVER;
