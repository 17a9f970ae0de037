//! Logs and programs of pods, as the API server serves them, out of the kubelet.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use k8s_openapi::api::core::v1::Pod;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use crate::api::usage::Measured;
use crate::api::{Key, Kind, Timestamp};
use crate::apiserver::{AttachQuery, Error, ExecQuery, Flow, Input, Later, LogQuery, Output, PodStreams, Session};
use crate::client::Informer;
use crate::ingress;
use crate::kubelet::meter::Meter;
use crate::kubelet::observer::Observer;
use crate::kubelet::runtime::{self, AttachSpec, Chunk, Exec, ExecSpec, LogOptions, Runtime};
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
    /// Shows their containers.
    pub observer: Observer,
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
            let chunks = logs::logs(&*self.runtime, &self.observer, &pod, container, query.previous, &options).await;
            let chunks = chunks.map_err(|e| refused(&e))?;
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
            let container = query.container.as_deref();
            let started = exec::start(&*self.runtime, &self.observer, &pod, container, &spec).await;
            Ok(session(Arc::clone(&self.runtime), started.map_err(|e| refused(&e))?, Of::Program))
        })
    }

    fn attach<'a>(
        &'a self,
        namespace: &'a str,
        pod: &'a str,
        query: &'a AttachQuery,
    ) -> Later<'a, Result<Session, Error>> {
        Box::pin(async move {
            let pod = self.pod(namespace, pod)?;
            let spec = AttachSpec { stdin: query.stdin, stdout: query.stdout, stderr: query.stderr };
            let container = query.container.as_deref();
            let joined = exec::attach(&*self.runtime, &self.observer, &pod, container, spec).await;
            Ok(session(Arc::clone(&self.runtime), joined.map_err(|e| refused(&e))?, Of::Container))
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
            let id = find::id(&self.observer, &self.pod(namespace, pod)?, container, find::Life::Running).await?;
            let done = exec::run(&*self.runtime, &id, command, &[]).await?;
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

/// Whose streams a session carries.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    /// A program run in a container, whose exit code ends the session.
    Program,
    /// A container's first process, which goes on when the session ends.
    Container,
}

/// Joins a running program to a session.
fn session(runtime: Arc<dyn Runtime>, program: Exec, of: Of) -> Session {
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
                    let _ = match of {
                        Of::Program => engine.exec_resize(&exec_id, width, height).await,
                        Of::Container => engine.attach_resize(&exec_id, width, height).await,
                    };
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
    let end = stream::once(async move {
        match of {
            Of::Program => end(exec::exit_code(&*runtime, &id).await),
            // That the streams ended is all that Kubernetes tells too.
            Of::Container => Output::Exit(0),
        }
    });
    Session { input: sender, output: chunks.chain(end).boxed() }
}

fn end(code: Result<Option<i64>, runtime::Error>) -> Output {
    match code {
        Ok(Some(code)) => Output::Exit(code),
        Ok(None) => Output::Failed("the engine lost the program's exit code".to_owned()),
        Err(error) => Output::Failed(error.to_string()),
    }
}
