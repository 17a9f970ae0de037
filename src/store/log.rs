//! The log: reads and writes, each one SQLite transaction.

use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::watch;

use super::event::{key_range, key_text, parse_key};
use super::recent::Recent;
use super::{Change, Error, Event, Record};
use crate::api::{Key, Kind};

/// The version of the schema below, kept in `user_version`.
const SCHEMA: i64 = 1;
/// `previous` grows with `revision` for each key, so the unique index also finds a key's newest row.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS log (
        revision INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL,
        previous INTEGER NOT NULL,
        deleted INTEGER NOT NULL,
        value BLOB NOT NULL,
        UNIQUE (key, previous)
    );
    CREATE TABLE IF NOT EXISTS compacted (through INTEGER NOT NULL);
    INSERT INTO compacted SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM compacted);
    PRAGMA user_version = 1;";
/// A commit is on disk before it is acknowledged; the cache stays at 1 MiB.
const SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -1024;";

/// The store. Cheap to clone; all clones share one connection.
#[derive(Clone)]
pub struct Store(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub connection: Mutex<Connection>,
    pub recent: Mutex<Recent>,
    /// The newest revision, for those who follow.
    pub revision: watch::Sender<u64>,
}

/// The newest row of a key.
struct Newest {
    revision: u64,
    deleted: bool,
    value: Bytes,
}

impl Store {
    /// Opens the store's file, or creates it with mode 0600.
    ///
    /// # Errors
    /// If the file can't be opened, is no store, or was written by a newer wharf.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let failed = |e| Error::Open(path.display().to_string(), e);
        let file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map_err(failed)?;
        // SQLite gives its own files beside this one the same mode.
        file.set_permissions(std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
        Self::with(Connection::open(path)?)
    }

    /// A store that is gone when it is dropped, for tests.
    ///
    /// # Errors
    /// If SQLite has no memory.
    pub fn in_memory() -> Result<Self, Error> {
        Self::with(Connection::open_in_memory()?)
    }

    fn with(connection: Connection) -> Result<Self, Error> {
        connection.execute_batch(SETTINGS)?;
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if version > SCHEMA {
            return Err(Error::Newer(version));
        }
        connection.execute_batch(TABLES)?;
        let newest = "SELECT seq FROM sqlite_sequence WHERE name = 'log'";
        let revision = connection.query_row(newest, [], |row| row.get(0)).optional()?.unwrap_or(0);
        Ok(Self(Arc::new(Inner {
            connection: Mutex::new(connection),
            recent: Mutex::new(Recent::new(revision)),
            revision: watch::Sender::new(revision),
        })))
    }

    /// The newest revision.
    #[must_use]
    pub fn revision(&self) -> u64 {
        *self.0.revision.borrow()
    }

    /// The object, if there is one.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn get(&self, key: &Key) -> Result<Option<Record>, Error> {
        let newest = newest(&self.lock(), &key_text(key))?.filter(|n| !n.deleted);
        Ok(newest.map(|n| Record { key: key.clone(), revision: n.revision, value: n.value }))
    }

    /// The objects of a kind, in one namespace or in all, ordered by namespace and name, and the revision they show: `at`,
    /// or the newest.
    ///
    /// # Errors
    /// [`Error::Compacted`] if the history does not reach back to the revision, or if SQLite fails.
    pub fn list(
        &self,
        kind: &'static Kind,
        namespace: Option<&str>,
        at: Option<u64>,
    ) -> Result<(Vec<Record>, u64), Error> {
        let connection = self.lock();
        let revision = at.unwrap_or_else(|| self.revision());
        let through: u64 = connection.query_row("SELECT through FROM compacted", [], |row| row.get(0))?;
        if revision < through {
            return Err(Error::Compacted(revision));
        }
        let (from, to) = key_range(kind, namespace);
        let mut statement = connection.prepare_cached(
            "SELECT key, revision, value FROM log
             WHERE revision IN (SELECT max(revision) FROM log WHERE key >= ?1 AND key < ?2 AND revision <= ?3
             GROUP BY key)
             AND NOT deleted",
        )?;
        let rows = statement.query_map(params![from, to, revision], |row| {
            let (text, revision, value) = (row.get::<_, String>(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?);
            Ok(parse_key(&text).map(|key| Record { key, revision, value: value.into() }))
        })?;
        let mut records = rows.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()?;
        records.sort_by(|a, b| a.key.cmp(&b.key));
        Ok((records, revision))
    }

    /// Writes a new object and returns its revision.
    ///
    /// # Errors
    /// [`Error::Exists`], or if SQLite fails.
    pub fn create(&self, key: &Key, value: Bytes) -> Result<u64, Error> {
        let connection = self.lock();
        let newest = newest(&connection, &key_text(key))?;
        if newest.as_ref().is_some_and(|n| !n.deleted) {
            return Err(Error::Exists);
        }
        self.append(&connection, key, newest.map_or(0, |n| n.revision), Change::Created, value, None)
    }

    /// Replaces an object that is at the expected revision and returns the new revision.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Changed`], or if SQLite fails.
    pub fn update(&self, key: &Key, expected: u64, value: Bytes) -> Result<u64, Error> {
        let connection = self.lock();
        let old = at_revision(&connection, key, expected)?;
        self.append(&connection, key, expected, Change::Updated, value, Some(old))
    }

    /// Deletes an object that is at the expected revision and returns the revision of its end.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Changed`], or if SQLite fails.
    pub fn delete(&self, key: &Key, expected: u64) -> Result<u64, Error> {
        let connection = self.lock();
        let old = at_revision(&connection, key, expected)?;
        self.append(&connection, key, expected, Change::Deleted, old.clone(), Some(old))
    }

    fn append(
        &self,
        connection: &Connection,
        key: &Key,
        previous: u64,
        change: Change,
        value: Bytes,
        before: Option<Bytes>,
    ) -> Result<u64, Error> {
        let insert = "INSERT INTO log (key, previous, deleted, value) VALUES (?1, ?2, ?3, ?4)";
        let row = params![key_text(key), previous, change == Change::Deleted, &value[..]];
        let revision = connection.prepare_cached(insert)?.insert(row)?.unsigned_abs();
        // Still under the connection's lock: events are published in the order of their revisions.
        self.recent().push(Arc::new(Event { revision, key: key.clone(), change, value, before }));
        self.0.revision.send_replace(revision);
        super::compact::after_write(connection, revision);
        Ok(revision)
    }

    /// The connection. A panic while it was held can't have left a transaction half done.
    pub(super) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn recent(&self) -> MutexGuard<'_, Recent> {
        self.0.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn newest(connection: &Connection, key: &str) -> Result<Option<Newest>, Error> {
    let query = "SELECT revision, deleted, value FROM log WHERE key = ?1 ORDER BY previous DESC LIMIT 1";
    let row = connection.prepare_cached(query)?.query_row([key], |row| {
        Ok(Newest { revision: row.get(0)?, deleted: row.get(1)?, value: row.get::<_, Vec<u8>>(2)?.into() })
    });
    Ok(row.optional()?)
}

/// The value of an object that must be at the expected revision.
fn at_revision(connection: &Connection, key: &Key, expected: u64) -> Result<Bytes, Error> {
    match newest(connection, &key_text(key))? {
        None => Err(Error::Missing),
        Some(n) if n.deleted => Err(Error::Missing),
        Some(n) if n.revision != expected => Err(Error::Changed(n.revision)),
        Some(n) => Ok(n.value),
    }
}
