//! Programs in containers and their streams, as the engine gives them.

use std::pin::Pin;

use tokio::io::AsyncWrite;

use super::runtime::{Error, Flow};

/// Which streams of a container somebody gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttachSpec {
    /// Whether standard input is sent.
    pub stdin: bool,
    /// Whether standard output is wanted.
    pub stdout: bool,
    /// Whether standard error is wanted.
    pub stderr: bool,
}

/// A program run in a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecSpec {
    /// Program and arguments.
    pub command: Vec<String>,
    /// Whether standard input is sent.
    pub stdin: bool,
    /// Whether it gets a terminal; standard error then comes with standard output.
    pub tty: bool,
}

/// A running program: its streams, and what to ask about it.
pub struct Exec {
    /// The engine's id of it; of the container, for one's first process.
    pub id: String,
    /// Its standard input.
    pub input: Pin<Box<dyn AsyncWrite + Send>>,
    /// Its output, as it comes; ends when the program ends.
    pub output: Flow<Result<Chunk, Error>>,
}

/// A piece of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// Standard output.
    Out(bytes::Bytes),
    /// Standard error.
    Err(bytes::Bytes),
}
