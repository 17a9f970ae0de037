//! `wharf exec`: a program in a container, with the user's streams and terminal.

use std::io::{Write, stderr};

use bytes::Bytes;
use futures_util::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use tokio::io::AsyncReadExt;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::Sender;

use super::args::Exec;
use super::error::{Error, Kind as Sort};
use super::find;
use super::terminal::{Raw, size};
use super::ui::Ui;
use super::words;
use crate::api::{Key, Object};
use crate::client::{Client, ExecQuery, Input, Output};

/// Runs `wharf exec`. The program's exit code becomes wharf's own.
///
/// # Errors
/// No such pod or container, one that does not run, or a program that ends with another code than 0.
pub async fn run(client: &Client, namespace: &str, exec: &Exec, ui: &Ui) -> Result<(), Error> {
    let pod = pod(client, namespace, &exec.pod).await?;
    let query = ExecQuery {
        container: exec.container.clone(),
        command: exec.command.clone(),
        stdin: exec.stdin,
        stdout: true,
        stderr: !exec.tty,
        tty: exec.tty,
    };
    let mut session = client.exec(&pod, &query).await?;
    let _raw = exec.tty.then(Raw::enter).flatten();
    if exec.tty {
        tokio::spawn(follow_size(session.input.clone()));
    }
    if exec.stdin {
        tokio::spawn(send(session.input.clone()));
    }
    while let Some(output) = session.output.next().await {
        match output {
            Output::Stdout(bytes) => ui.raw(&bytes).map_err(|e| Error::user("can't write the output").because(&e))?,
            Output::Stderr(bytes) => {
                let _ = stderr().write_all(&bytes);
            }
            Output::Exit(0) => return Ok(()),
            Output::Exit(code) => return Err(Error::told(Sort::Program(u8::try_from(code & 0xff).unwrap_or(1)))),
            Output::Failed(why) => return Err(Error::node(why)),
        }
    }
    Err(Error::node("the connection to the program broke off"))
}

/// The pod that is named, or the first running one of a workload.
async fn pod(client: &Client, namespace: &str, argument: &str) -> Result<Key, Error> {
    let key = words::read_pod(argument, namespace)?;
    if key.kind.kind == "Pod" {
        return Ok(key);
    }
    let running =
        |pod: &&Pod| !pod.is_deleting() && pod.status.as_ref().and_then(|s| s.phase.as_deref()) == Some("Running");
    let found = find::pods(client, &key).await?.iter().find(running).map(Object::key);
    found.ok_or_else(|| Error::node(format!("no pod of {argument} is running")))
}

/// Sends standard input to its end.
async fn send(input: Sender<Input>) {
    let mut stdin = tokio::io::stdin();
    let mut buffer = [0; 8192];
    loop {
        let message = match stdin.read(&mut buffer).await {
            Ok(0) | Err(_) => Input::End,
            Ok(count) => Input::Stdin(Bytes::copy_from_slice(&buffer[..count])),
        };
        let last = message == Input::End;
        if input.send(message).await.is_err() || last {
            return;
        }
    }
}

/// Sends the terminal's size now and whenever it changes.
async fn follow_size(input: Sender<Input>) {
    let Ok(mut changes) = signal(SignalKind::window_change()) else { return };
    while let Some((width, height)) = size() {
        if input.send(Input::Resize { width, height }).await.is_err() || changes.recv().await.is_none() {
            return;
        }
    }
}
