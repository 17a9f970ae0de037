//! The table of `wharf rollout history`. Pure.

use crate::api::revision::Revision;
use crate::cli::table::align_by;

/// The revisions, oldest first, each with why it was made.
pub fn table(revisions: &[Revision]) -> String {
    let row = |r: &Revision| vec![r.number.to_string(), r.cause.clone().unwrap_or_else(|| "<none>".to_owned())];
    let head = vec!["REVISION".to_owned(), "CHANGE-CAUSE".to_owned()];
    align_by(&std::iter::once(head).chain(revisions.iter().map(row)).collect::<Vec<_>>(), 2)
}
