//! `wharf diff`: what an apply would change, field by field, and what would become of which pods.

mod run;
mod text;

pub use run::run;
