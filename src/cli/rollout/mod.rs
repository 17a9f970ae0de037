//! `wharf rollout`: how far a rollout is, what there was before, and the way back.

mod change;
mod history;
mod run;
mod status;
mod template;

pub use run::run;
