//! Programs run in the containers of pods: on somebody's terminal, or to the end for an answer.

use std::time::Duration;

use futures_util::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use tokio::io::AsyncWriteExt;

use super::find::{self, Error, Life};
use super::observer::Observer;
use super::runtime::{self, AttachSpec, Chunk, Exec, ExecSpec, Runtime};

/// How much of a program's output [`run`] keeps, in bytes, as the kubelet does of exec probes.
const KEPT: usize = 10 * 1024;

/// A program that ran to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Its exit code; `None` if the engine lost it.
    pub code: Option<i64>,
    /// What it wrote, standard error included, up to 10 KiB.
    pub output: String,
}

/// Runs a program in a running container, with the given input, to its end.
///
/// # Errors
/// If the engine can't run it.
pub async fn run(
    runtime: &dyn Runtime,
    container: &str,
    command: &[String],
    given: &[u8],
) -> Result<Done, runtime::Error> {
    let spec = ExecSpec { command: command.to_vec(), stdin: !given.is_empty(), tty: false };
    let Exec { id, mut input, mut output } = runtime.exec(container, &spec).await?;
    // A program that ends before it has read all says why by its output and code: a broken pipe would hide that.
    let _ = input.write_all(given).await;
    let _ = input.shutdown().await;
    let mut said = Vec::new();
    while let Some(chunk) = output.next().await {
        let (Chunk::Out(bytes) | Chunk::Err(bytes)) = chunk?;
        let room = KEPT.saturating_sub(said.len()).min(bytes.len());
        said.extend_from_slice(&bytes[..room]);
    }
    Ok(Done { code: exit_code(runtime, &id).await?, output: String::from_utf8_lossy(&said).into_owned() })
}

/// The exit code of a program whose output has ended. The engine notes it a moment later; it is waited for a second.
///
/// # Errors
/// If the engine does not know the program.
pub async fn exit_code(runtime: &dyn Runtime, exec: &str) -> Result<Option<i64>, runtime::Error> {
    // Mostly it is there at once or after a millisecond or two, and a probe should not take longer than the program.
    for doublings in 0..10 {
        if let Some(code) = runtime.exec_code(exec).await? {
            return Ok(Some(code));
        }
        tokio::time::sleep(Duration::from_millis(1 << doublings)).await;
    }
    Ok(None)
}

/// Starts a program in a running container of a pod. Its size is set by [`Runtime::exec_resize`] with its id, its code
/// is [`exit_code`]'s when its output has ended.
///
/// # Errors
/// If the container is not named clearly, does not run, or the engine can't run the program in it.
pub async fn start(
    runtime: &dyn Runtime,
    observer: &Observer,
    pod: &Pod,
    container: Option<&str>,
    spec: &ExecSpec,
) -> Result<Exec, Error> {
    let id = find::id(observer, pod, find::name(pod, container)?, Life::Running).await?;
    Ok(runtime.exec(&id, spec).await?)
}

/// Joins the streams of a running container of a pod. Its size is set by [`Runtime::attach_resize`] with the id.
///
/// # Errors
/// If the container is not named clearly or does not run, or the engine can't join it.
pub async fn attach(
    runtime: &dyn Runtime,
    observer: &Observer,
    pod: &Pod,
    container: Option<&str>,
    spec: AttachSpec,
) -> Result<Exec, Error> {
    let id = find::id(observer, pod, find::name(pod, container)?, Life::Running).await?;
    Ok(runtime.attach(&id, spec).await?)
}
