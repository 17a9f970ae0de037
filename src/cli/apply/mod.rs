//! `wharf apply`: files to objects, objects to the node, and then the truth about them.

mod logins;
mod report;
mod run;
mod wait;

pub use report::events;
pub use run::{read, run};
