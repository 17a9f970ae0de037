//! YAML files, folders, standard input and URLs → objects with file, line and column; every problem at once.
//!
//! [`read`] is the only effect. [`parse`] turns texts into objects and finds what is wrong with each of them;
//! [`check`] finds what is wrong between them, and between them and the node.

mod builtin;
mod check;
mod diagnostic;
mod document;
mod images;
mod object;
mod parse;
mod position;
mod read;
mod reference;
mod value;

#[cfg(test)]
mod tests;

pub use check::{Known, check};
pub use diagnostic::{Diagnostic, Severity};
pub use images::images;
pub use parse::{Manifest, Options, Source, parse};
pub use position::{Origin, Position};
pub use read::{Files, Input, Text, read};
