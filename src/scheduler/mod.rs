//! Binds pods to the one node, or says why they can't be; ends pods that must make room or leave.

mod affinity;
mod claims;
mod evict;
mod fit;
mod plan;
mod preempt;
mod request;
mod run;
mod spread;
mod taints;
#[cfg(test)]
mod tests;

pub use plan::{keys, plan};
pub use run::run;
