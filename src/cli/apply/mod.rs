//! `wharf apply`: files to objects, objects to the node, and then the truth about them.

mod forecast;
mod logins;
mod prune;
mod read;
mod report;
mod rollback;
mod run;
mod set;
mod wait;
mod write;

pub use forecast::{key, of_node, refusals};
pub use read::read;
pub use report::events;
pub use run::run;
pub use set::PART_OF;
