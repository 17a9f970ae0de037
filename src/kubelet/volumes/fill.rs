//! Hands orders to the sandbox: it reaches volumes in memory, of the engine and of the Docker host, which the agent
//! does not.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::frame::{Orders, frame, heard};
use super::prepare::Error;
use super::volume::{PodVolume, Prepare};
use crate::api::Timestamp;
use crate::kubelet::runtime::{AttachSpec, Chunk, Exec, Runtime};

/// How long a sandbox may take: it may have to give the files of a large volume to a group.
const PATIENCE: Duration = Duration::from_mins(1);

/// The streams over which the sandbox hears and answers.
const ALL: AttachSpec = AttachSpec { stdin: true, stdout: true, stderr: true };

/// Has the running sandbox carry out what is to be done inside the volumes that it mounts. To be called after the sandbox
/// was started and before its containers are created, and again when [`super::fingerprint`] changes. Files go by its
/// standard input, never to a disk: attaching costs a millisecond, where running a program in it costs 33.
///
/// # Errors
/// If the sandbox can't be reached, or says that something failed.
pub async fn fill(runtime: &dyn Runtime, sandbox: &str, volumes: &[PodVolume]) -> Result<(), Error> {
    send(runtime, sandbox, &orders(volumes)).await
}

/// The orders that are the sandbox's.
#[must_use]
pub fn orders(volumes: &[PodVolume]) -> Orders {
    let order = |volume: &PodVolume| {
        let mut order = volume.order.clone();
        match volume.prepare {
            Prepare::Files { .. } => return None,
            // The agent has made the parts. Giving them to a group is the sandbox's, which is in that group.
            Prepare::Directory { .. } => order.parts.clear(),
            _ => {}
        }
        (!order.is_nothing()).then(|| (volume.name.clone(), order))
    };
    volumes.iter().filter_map(order).collect()
}

/// Sends orders and waits until they are carried out.
pub(super) async fn send(runtime: &dyn Runtime, sandbox: &str, orders: &Orders) -> Result<(), Error> {
    if orders.is_empty() {
        return Ok(());
    }
    let failed = |error: &dyn std::fmt::Display| Error::Fill(error.to_string());
    let id = format!("{:x}", Timestamp::now().as_nanosecond());
    let Exec { mut input, mut output, .. } = runtime.attach(sandbox, ALL).await.map_err(|e| failed(&e))?;
    let exchange = async {
        input.write_all(frame(&id, orders).as_bytes()).await.map_err(|e| failed(&e))?;
        input.flush().await.map_err(|e| failed(&e))?;
        let mut said = String::new();
        while let Some(chunk) = output.next().await {
            let (Chunk::Out(bytes) | Chunk::Err(bytes)) = chunk.map_err(|e| failed(&e))?;
            said.push_str(&String::from_utf8_lossy(&bytes));
            while let Some((line, rest)) = said.split_once('\n') {
                if let Some(result) = heard(line, &id) {
                    return result.map_err(Error::Fill);
                }
                said = rest.to_owned();
            }
        }
        Err(failed(&"the sandbox ended"))
    };
    timeout(PATIENCE, exchange).await.unwrap_or_else(|_| Err(failed(&"the sandbox does not answer")))
}
