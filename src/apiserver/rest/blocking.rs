//! Calling the verbs, which wait for the disk, from async code.

use super::Rest;
use crate::apiserver::Error;

impl Rest {
    /// Runs a verb on a thread that may wait.
    ///
    /// # Errors
    /// What the verb returns; [`Error::Unavailable`] if the thread broke off.
    pub async fn run<T: Send + 'static>(
        &self,
        verb: impl FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let rest = self.clone();
        let done = tokio::task::spawn_blocking(move || verb(&rest)).await;
        done.map_err(|e| Error::Unavailable(format!("the request broke off: {e}")))?
    }
}
