//! Why the store did not do what it was asked.

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is an object of this key already.
    #[error("the object exists already")]
    Exists,
    /// There is no object of this key.
    #[error("there is no such object")]
    Missing,
    /// The object is not at the expected revision any more.
    #[error("the object is at revision {0}")]
    Changed(u64),
    /// The history from here on was dropped: list again.
    #[error("the revision {0} is not in the store's history")]
    Compacted(u64),
    /// There is no space left on the disk that holds the store.
    #[error("the disk that holds the store is full")]
    DiskFull(#[source] rusqlite::Error),
    /// A newer wharf wrote this store.
    #[error("the store has schema version {0}, which is newer than this wharf knows")]
    Newer(i64),
    /// The file can't be opened or created.
    #[error("cannot open the store {0}")]
    Open(String, #[source] std::io::Error),
    /// SQLite failed in any other way.
    #[error("the store failed")]
    Broken(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull(error),
            _ => Self::Broken(error),
        }
    }
}
