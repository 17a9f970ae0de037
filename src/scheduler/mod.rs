//! Binds pods to the one node, or says why they can't be.

mod claims;
mod fit;
mod plan;
mod request;
mod run;
#[cfg(test)]
mod tests;

pub use plan::{keys, plan};
pub use run::run;
