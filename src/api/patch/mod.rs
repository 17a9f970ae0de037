//! Changing objects in part: server-side apply and strategic merge patch. Pure. (Merge and JSON patches are the crate
//! json-patch's.)
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/>

mod apply;
mod fields;
mod managed;
mod merge;
mod order;
mod schema;
mod strategic;

#[cfg(test)]
mod tests;

pub use apply::{Applied, Conflict, apply};
pub use schema::{ListType, item_names, list_type};
pub use strategic::strategic;
