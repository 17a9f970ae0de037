//! The logs of the containers of pods.

use k8s_openapi::api::core::v1::Pod;

use super::find::{self, Error};
use super::runtime::{self, Chunk, Flow, LogOptions, Runtime};

/// The log of a container of a pod; with `previous`, of the one that it replaced.
///
/// # Errors
/// If the container is not named clearly, there is no such container yet or any more, or the engine can't read its log.
pub async fn logs(
    runtime: &dyn Runtime,
    pod: &Pod,
    container: Option<&str>,
    previous: bool,
    options: &LogOptions,
) -> Result<Flow<Result<Chunk, runtime::Error>>, Error> {
    let name = find::name(pod, container)?;
    let containers = runtime.containers().await?;
    let id = if previous { find::previous(&containers, pod, name) } else { find::newest(&containers, pod, name) }?;
    Ok(runtime.logs(id, options).await?)
}
