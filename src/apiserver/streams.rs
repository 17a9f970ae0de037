//! What the API server needs of those that run the pods: logs, programs run in containers, and what would come of a wish.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::mpsc;

use super::{Error, Rest};
use crate::api::Timestamp;
use crate::api::forecast::{Forecast, Wish};
use crate::api::usage::Measured;

/// A future that can be sent between threads.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// A stream that can be sent between threads.
pub type Flow<T> = Pin<Box<dyn Stream<Item = T> + Send>>;

/// Tells what would come of a wish on the node behind the server; nothing is kept of it.
pub type Forecaster = fn(Rest, Wish) -> Later<'static, Result<Forecast, Error>>;

/// Which part of which log. <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// The container; `None` where the pod has only one.
    pub container: Option<String>,
    /// Go on as it grows.
    pub follow: bool,
    /// Only so many lines from the end.
    pub tail: Option<u64>,
    /// Only what came in the last seconds.
    pub since_seconds: Option<u64>,
    /// Only what came after this.
    pub since_time: Option<Timestamp>,
    /// Put the time before each line.
    pub timestamps: bool,
    /// The container before the last restart.
    pub previous: bool,
}

/// What to run in which container, and which streams it gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the API's own parameters, each on its own")]
pub struct ExecQuery {
    /// The container; `None` for the pod's first.
    pub container: Option<String>,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Standard input.
    pub stdin: bool,
    /// Standard output.
    pub stdout: bool,
    /// Standard error.
    pub stderr: bool,
    /// A terminal; standard error then comes with standard output.
    pub tty: bool,
}

/// Which container to attach to, and which of its streams.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the API's own parameters, each on its own")]
pub struct AttachQuery {
    /// The container; `None` for the pod's first.
    pub container: Option<String>,
    /// Standard input.
    pub stdin: bool,
    /// Standard output.
    pub stdout: bool,
    /// Standard error.
    pub stderr: bool,
    /// It has a terminal.
    pub tty: bool,
}

/// What is sent to a running program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Bytes for its standard input.
    Stdin(Bytes),
    /// The end of its standard input.
    End,
    /// The size of its terminal, in characters.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
}

/// What comes from a running program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Standard output.
    Stdout(Bytes),
    /// Standard error.
    Stderr(Bytes),
    /// It ended with this code; nothing follows.
    Exit(i64),
    /// It can't be followed any more, and why; nothing follows.
    Failed(String),
}

/// A running program: both directions. Dropping `input` ends its standard input.
pub struct Session {
    /// To the program.
    pub input: mpsc::Sender<Input>,
    /// From the program, up to and with [`Output::Exit`] or [`Output::Failed`].
    pub output: Flow<Output>,
}

/// Logs and programs of pods. The agent implements it over the kubelet.
pub trait PodStreams: Send + Sync {
    /// A container's log.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a pod, [`Error::BadRequest`] without such a container or log.
    fn logs<'a>(
        &'a self,
        namespace: &'a str,
        pod: &'a str,
        query: &'a LogQuery,
    ) -> Later<'a, Result<Flow<Result<Bytes, Error>>, Error>>;

    /// Runs a program in a container.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a pod, [`Error::BadRequest`] without such a container or program.
    fn exec<'a>(&'a self, namespace: &'a str, pod: &'a str, query: &'a ExecQuery) -> Later<'a, Result<Session, Error>>;

    /// What the pods and the node use of cpu and memory.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where that can't be measured.
    fn usage(&self) -> Later<'_, Result<Arc<Measured>, Error>> {
        Box::pin(async { Err(Error::Unavailable("nothing measures what pods use".into())) })
    }

    /// Joins the streams of a container's first process.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a pod, [`Error::BadRequest`] without such a container or if it does not run.
    fn attach<'a>(
        &'a self,
        namespace: &'a str,
        pod: &'a str,
        query: &'a AttachQuery,
    ) -> Later<'a, Result<Session, Error>>;
}
