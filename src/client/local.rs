//! The way to the API within the agent: the verbs of `apiserver::rest`, on a thread that may wait for the disk.

use super::Error;
use crate::apiserver::{self, Rest};

/// Runs a verb on a blocking thread.
pub(super) async fn run<T: Send + 'static>(
    rest: &Rest,
    verb: impl FnOnce(&Rest) -> Result<T, apiserver::Error> + Send + 'static,
) -> Result<T, Error> {
    let rest = rest.clone();
    let done = tokio::task::spawn_blocking(move || verb(&rest)).await;
    done.map_err(|e| Error::Unreachable(e.into()))?.map_err(Error::from)
}

impl From<apiserver::Error> for Error {
    fn from(error: apiserver::Error) -> Self {
        let (code, reason) = error.code();
        Self::Status { code, reason: reason.to_owned(), message: error.message(), causes: error.causes() }
    }
}
