//! Following the log from a revision on: from memory, and from disk where that is too short.

use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::watch;

use super::event::parse_key;
use super::{Change, Error, Event, Store};

/// How many events are read from disk at once.
const BATCH: u32 = 128;

/// A place in the log.
pub struct Watch {
    store: Store,
    seen: u64,
    changed: watch::Receiver<u64>,
}

impl Store {
    /// Follows the log: every change after the revision, in order, without a gap.
    #[must_use]
    pub fn watch(&self, after: u64) -> Watch {
        Watch { store: self.clone(), seen: after, changed: self.0.revision.subscribe() }
    }
}

impl Watch {
    /// The next changes, at least one; waits for it.
    ///
    /// # Errors
    /// [`Error::Compacted`] if the history does not reach back to the revision, or if SQLite fails.
    pub async fn next(&mut self) -> Result<Vec<Arc<Event>>, Error> {
        loop {
            let newest = *self.changed.borrow_and_update();
            if self.seen > newest {
                return Err(Error::Compacted(self.seen)); // a revision of another store, or of a lost one
            }
            let events = self.read()?;
            if let Some(last) = events.last() {
                self.seen = last.revision;
                return Ok(events);
            }
            self.seen = newest;
            // The sender lives in `self.store`: this can't fail.
            let _ = self.changed.changed().await;
        }
    }

    fn read(&self) -> Result<Vec<Arc<Event>>, Error> {
        if let Some(events) = self.store.recent().since(self.seen) {
            return Ok(events);
        }
        from_log(&self.store.lock(), self.seen)
    }
}

fn from_log(connection: &Connection, after: u64) -> Result<Vec<Arc<Event>>, Error> {
    let through: u64 = connection.query_row("SELECT through FROM compacted", [], |row| row.get(0))?;
    if after < through {
        return Err(Error::Compacted(after));
    }
    let mut statement = connection.prepare_cached(
        "SELECT log.key, log.revision, log.deleted, log.value, CASE WHEN old.deleted THEN NULL ELSE old.value END
         FROM log LEFT JOIN log AS old ON old.revision = log.previous
         WHERE log.revision > ?1 ORDER BY log.revision LIMIT ?2",
    )?;
    let rows = statement.query_map([after, u64::from(BATCH)], |row| {
        let before = row.get::<_, Option<Vec<u8>>>(4)?.map(Into::into);
        let deleted: bool = row.get(2)?;
        let change = match (deleted, &before) {
            (true, _) => Change::Deleted,
            (false, None) => Change::Created,
            (false, Some(_)) => Change::Updated,
        };
        let (text, revision, value) = (row.get::<_, String>(0)?, row.get(1)?, row.get::<_, Vec<u8>>(3)?.into());
        Ok(parse_key(&text).map(|key| Arc::new(Event { revision, key, change, value, before })))
    })?;
    Ok(rows.filter_map(Result::transpose).collect::<Result<_, _>>()?)
}
