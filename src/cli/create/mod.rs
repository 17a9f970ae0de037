//! `wharf create`: config maps and secrets from files and values.

mod data;
mod run;

pub use run::run;
