//! Logs and programs of pods, as the API server serves them, out of the kubelet.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use k8s_openapi::api::core::v1::Pod;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use crate::api::usage::Measured;
use crate::api::{Key, Kind, Timestamp};
use crate::apiserver::{Error, ExecQuery, Flow, Input, Later, LogQuery, Output, PodStreams, Session};
use crate::client::Informer;
use crate::ingress;
use crate::kubelet::meter::Meter;
use crate::kubelet::runtime::{self, Chunk, Exec, ExecSpec, LogOptions, Runtime};
use crate::kubelet::{exec, find, logs};

/// How many messages for a program may wait until it reads them.
const WAITING: usize = 16;

/// Logs and programs of the node's pods.
pub(super) struct Streams {
    /// Where the pods are found.
    pub informer: Informer,
    /// Where they run.
    pub runtime: Arc<dyn Runtime>,
    /// What measures them.
    pub meter: Arc<Meter>,
}

impl Streams {
    fn pod(&self, namespace: &str, name: &str) -> Result<Pod, Error> {
        let found = self.informer.view().get::<Pod>(namespace, name).cloned();
        found.ok_or_else(|| Error::NotFound(Key::new(Kind::of::<Pod>(), namespace, name)))
    }
}

impl PodStreams for Streams {
    fn logs<'a>(
        &'a self,
        namespace: &'a str,
        pod: &'a str,
        query: &'a LogQuery,
    ) -> Later<'a, Result<Flow<Result<Bytes, Error>>, Error>> {
        Box::pin(async move {
            let pod = self.pod(namespace, pod)?;
            let since = query.since_time.or_else(|| ago(query.since_seconds?));
            let options = LogOptions { follow: query.follow, tail: query.tail, since, timestamps: query.timestamps };
            let container = query.container.as_deref();
            let chunks =
                logs::logs(&*self.runtime, &pod, container, query.previous, &options).await.map_err(|e| refused(&e))?;
            let bytes = chunks.map(|chunk| match chunk {
                Ok(Chunk::Out(bytes) | Chunk::Err(bytes)) => Ok(bytes),
                Err(error) => Err(Error::BadRequest(error.to_string())),
            });
            Ok(bytes.boxed() as Flow<_>)
        })
    }

    fn exec<'a>(&'a self, namespace: &'a str, pod: &'a str, query: &'a ExecQuery) -> Later<'a, Result<Session, Error>> {
        Box::pin(async move {
            let pod = self.pod(namespace, pod)?;
            let spec = ExecSpec { command: query.command.clone(), stdin: query.stdin, tty: query.tty };
            let started =
                exec::start(&*self.runtime, &pod, query.container.as_deref(), &spec).await.map_err(|e| refused(&e))?;
            Ok(session(Arc::clone(&self.runtime), started))
        })
    }

    fn usage(&self) -> Later<'_, Result<Arc<Measured>, Error>> {
        Box::pin(async { self.meter.measure().await.map_err(|e| Error::Unavailable(e.to_string())) })
    }
}

impl ingress::Exec for Streams {
    fn exec<'a>(
        &'a self,
        namespace: &'a str,
        pod: &'a str,
        container: &'a str,
        command: &'a [String],
    ) -> Later<'a, ingress::Output> {
        Box::pin(async move {
            let containers = self.runtime.containers().await?;
            let id = find::running(&containers, &self.pod(namespace, pod)?, container)?;
            let done = exec::run(&*self.runtime, id, command, &[]).await?;
            Ok((done.code.ok_or("the engine lost the program's exit code")?, done.output))
        })
    }
}

fn ago(seconds: u64) -> Option<Timestamp> {
    let seconds = i64::try_from(seconds).ok()?;
    Timestamp::from_second(Timestamp::now().as_second().checked_sub(seconds)?).ok()
}

fn refused(error: &find::Error) -> Error {
    Error::BadRequest(error.to_string())
}

/// Joins a running program to a session.
fn session(runtime: Arc<dyn Runtime>, program: Exec) -> Session {
    let Exec { id, mut input, output } = program;
    let (sender, mut messages) = mpsc::channel(WAITING);
    let (engine, exec_id) = (Arc::clone(&runtime), id.clone());
    tokio::spawn(async move {
        while let Some(message) = messages.recv().await {
            let done = match message {
                Input::Stdin(bytes) => input.write_all(&bytes).await.is_ok(),
                Input::End => input.shutdown().await.is_ok(),
                Input::Resize { width, height } => {
                    // A program that has just ended has no terminal to resize.
                    let _ = engine.exec_resize(&exec_id, width, height).await;
                    true
                }
            };
            if !done {
                return;
            }
        }
        let _ = input.shutdown().await;
    });
    let chunks = output.map(|chunk| match chunk {
        Ok(Chunk::Out(bytes)) => Output::Stdout(bytes),
        Ok(Chunk::Err(bytes)) => Output::Stderr(bytes),
        Err(error) => Output::Failed(error.to_string()),
    });
    let end = stream::once(async move { end(exec::exit_code(&*runtime, &id).await) });
    Session { input: sender, output: chunks.chain(end).boxed() }
}

fn end(code: Result<Option<i64>, runtime::Error>) -> Output {
    match code {
        Ok(Some(code)) => Output::Exit(code),
        Ok(None) => Output::Failed("the engine lost the program's exit code".to_owned()),
        Err(error) => Output::Failed(error.to_string()),
    }
}
