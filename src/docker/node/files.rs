//! Files in the node container, read through the engine.

use std::io::Read;

use bollard::query_parameters::DownloadFromContainerOptionsBuilder;
use futures_util::TryStreamExt;

use super::up::Node;
use crate::docker::containers::named;
use crate::docker::error::{Error, about, is_missing};
use crate::kubelet::runtime;

impl Node {
    /// What a file of the node container holds; `None` if there is no such file.
    ///
    /// # Errors
    /// If the engine does not answer, or what it sends is not an archive.
    pub async fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let options = DownloadFromContainerOptionsBuilder::new().path(path).build();
        let pieces = self.host.client.download_from_container(&self.container.id, Some(options));
        let archive = match pieces.try_fold(Vec::new(), |all, piece| async move { Ok([all, piece.to_vec()].concat()) }).await {
            Ok(archive) => archive,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(about(&named(self.name()), error).into()),
        };
        first_file(&archive).map_err(|e| runtime::Error::Refused(format!("{path}: {e}")).into())
    }
}

fn first_file(archive: &[u8]) -> std::io::Result<Option<Vec<u8>>> {
    let mut archive = tar::Archive::new(archive);
    let Some(entry) = archive.entries()?.next() else { return Ok(None) };
    let mut content = Vec::new();
    entry?.read_to_end(&mut content)?;
    Ok(Some(content))
}
