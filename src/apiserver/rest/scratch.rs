//! A server over a copy, to try things out on.

use super::server::Rest;
use crate::api::KINDS;
use crate::apiserver::Error;
use crate::store::Store;

impl Rest {
    /// A server over a copy in memory of every object but the events: what is written there is not kept.
    ///
    /// # Errors
    /// If the store fails.
    pub fn scratch(&self) -> Result<Self, Error> {
        let copy = Store::in_memory()?;
        for kind in KINDS.iter().filter(|kind| kind.kind != "Event") {
            for record in self.store.list(kind, None, None)?.0 {
                copy.create(&record.key, record.value)?;
            }
        }
        Self::new(copy, self.config().clone())
    }
}
