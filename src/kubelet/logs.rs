//! The logs of the containers of pods.

use k8s_openapi::api::core::v1::Pod;

use super::find::{self, Error, Life};
use super::observer::Observer;
use super::runtime::{self, Chunk, Flow, LogOptions, Runtime};

/// The log of a container of a pod; with `previous`, of the one that it replaced.
///
/// # Errors
/// If the container is not named clearly, there is no such container yet or any more, or the engine can't read its log.
pub async fn logs(
    runtime: &dyn Runtime,
    observer: &Observer,
    pod: &Pod,
    container: Option<&str>,
    previous: bool,
    options: &LogOptions,
) -> Result<Flow<Result<Chunk, runtime::Error>>, Error> {
    let name = find::name(pod, container)?;
    let life = if previous { Life::Previous } else { Life::Newest };
    let id = find::id(observer, pod, name, life).await?;
    Ok(runtime.logs(&id, options).await?)
}
