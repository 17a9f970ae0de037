//! Which fields of Kubernetes wharf honours: a table by the name of the struct, and what an object has beside them.
//!
//! What the table does not list is refused, so nothing is ignored in silence.

mod access;
mod annotations;
mod batch;
mod check;
mod fields;
mod meta;
mod pod;
mod render;
mod row;
mod service;
mod storage;
mod volume;
mod workload;

#[cfg(test)]
mod tests;

pub use check::{Unsupported, check};
pub use fields::{Field, Section, fields, inner, sections, sort};
pub use render::{markdown, plain, summary};
pub use row::{Row, Rule};
