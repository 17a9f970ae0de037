//! The fields of every kind as plain data, and what in an object does not fit them.

mod check;
mod shape;
mod trace;

#[cfg(test)]
mod tests;

pub use check::Mismatch;
pub(crate) use check::{field, nearest};
pub use shape::Schema;
