//! Forgetting history: what was replaced or deleted long ago.

use rusqlite::{Connection, params};

use super::{Error, Store};

/// How many revisions of history are kept.
const REVISIONS: u64 = 4096;
/// How many bytes of values the newest rows may have together before older history goes.
const BYTES: u64 = 16 << 20;
/// How many writes lie between two clean-ups.
const EVERY: u64 = 256;

/// Drops old history every now and then. A failure is no failure of the write: the next round tries again.
pub(super) fn after_write(connection: &Connection, revision: u64) {
    if revision.is_multiple_of(EVERY) {
        let done = through(connection, revision).and_then(|through| compact(connection, through));
        if let Err(error) = done {
            tracing::warn!(%error, "the store's history can't be shortened");
        }
    }
}

/// The newest revision that is too old to be kept, by count or by size.
fn through(connection: &Connection, revision: u64) -> Result<u64, Error> {
    let query = "SELECT coalesce(max(revision), 0) FROM
        (SELECT revision, sum(length(value)) OVER (ORDER BY revision DESC) AS size FROM log) WHERE size > ?1";
    let by_size: u64 = connection.query_row(query, [BYTES], |row| row.get(0))?;
    Ok(by_size.max(revision.saturating_sub(REVISIONS)))
}

/// Drops every row that a row up to `through` replaced, and every deletion up to it.
fn compact(connection: &Connection, through: u64) -> Result<(), Error> {
    let transaction = connection.unchecked_transaction()?;
    transaction.execute("UPDATE compacted SET through = ?1 WHERE through < ?1", [through])?;
    transaction.execute(
        "DELETE FROM log WHERE revision <= ?1 AND (deleted OR EXISTS
            (SELECT 1 FROM log AS newer WHERE newer.key = log.key AND newer.previous >= log.revision AND newer.revision <= ?1))",
        params![through],
    )?;
    Ok(transaction.commit()?)
}

impl Store {
    /// Drops the history up to and with a revision; the objects stay as they are.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn compact(&self, through: u64) -> Result<(), Error> {
        compact(&self.lock(), through.min(self.revision()))
    }
}
