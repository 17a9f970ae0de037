//! The verb list.

use super::selection::Selection;
use super::server::{Rest, decode};
use crate::api::Kind;
use crate::apiserver::{Error, List, ListOptions};

impl Rest {
    /// The selected objects of a kind, ordered by namespace and name.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a bad selector, or if the store fails.
    pub fn list(&self, kind: &'static Kind, options: &ListOptions) -> Result<List, Error> {
        let selection = Selection::of(options)?;
        let (records, revision) = self.store.list(kind, options.namespace.as_deref())?;
        let mut items = Vec::with_capacity(records.len());
        for record in &records {
            items.push(decode(record)?);
        }
        items.retain(|item| selection.has(item));
        Ok(List { items, revision })
    }
}
