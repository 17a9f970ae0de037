//! Joins the streams of running containers.

use bollard::Docker;
use bollard::container::AttachContainerResults;
use bollard::query_parameters::{AttachContainerOptionsBuilder, ResizeContainerTTYOptionsBuilder};
use futures_util::StreamExt;

use super::containers::named;
use super::error::about;
use super::exec::chunk;
use crate::kubelet::runtime::{AttachSpec, Error, Exec};

/// Joins a container's first process from now on; what it said before is in its log.
pub(super) async fn join(client: &Docker, id: &str, spec: AttachSpec) -> Result<Exec, Error> {
    let options = AttachContainerOptionsBuilder::new()
        .stream(true)
        .stdin(spec.stdin)
        .stdout(spec.stdout)
        .stderr(spec.stderr)
        .build();
    let joined = client.attach_container(id, Some(options)).await;
    let AttachContainerResults { output, input } = joined.map_err(|e| about(&named(id), e))?;
    let what = named(id);
    let output = output.map(move |piece| piece.map(chunk).map_err(|e| about(&what, e)));
    Ok(Exec { id: id.to_owned(), input, output: Box::pin(output) })
}

/// Sets the size of a container's terminal, in characters.
pub(super) async fn resize(client: &Docker, id: &str, width: u16, height: u16) -> Result<(), Error> {
    let options = ResizeContainerTTYOptionsBuilder::new().w(width.into()).h(height.into()).build();
    client.resize_container_tty(id, options).await.map_err(|e| about(&named(id), e))
}
