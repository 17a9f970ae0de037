//! The revisions of a workload: what its history tells, and the way back to one of them.
//!
//! A Deployment's revisions are its ReplicaSets; those of a StatefulSet and a DaemonSet are their ControllerRevisions.

mod data;
mod history;
mod rollback;

#[cfg(test)]
mod tests;

pub use data::{data, template};
pub use history::{CAUSE, HASH, REVISION, Revision, history, without_hash};
pub use rollback::{Refusal, Rollback, rollback};
