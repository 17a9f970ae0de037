//! The way to a node's agent: a program in the node container that joins its streams to the agent's socket.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use http_body_util::Empty;
use hyper::Request;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::io::StreamReader;

use super::up::Node;
use crate::docker::error::Error;
use crate::docker::{exec, logs};
use crate::kubelet::runtime::{self, Chunk, Duplex, ExecSpec, LogOptions};

/// How much of its log is shown when it does not.
const LINES: u64 = 20;

impl Node {
    /// Opens a stream to the agent's API, over whatever way leads to the engine. An agent that is just starting is
    /// waited for; what goes wrong at the far end is the error of the first read.
    ///
    /// # Errors
    /// If the node container does not run.
    pub async fn dial(&self) -> Result<Box<dyn Duplex>, Error> {
        let command = ["/wharf", "dial-stdio"].map(str::to_owned).into();
        let spec = ExecSpec { command, stdin: true, tty: false };
        let started = exec::start(&self.host.client, self.name(), &spec).await?;
        let output = started.output.map_err(io::Error::other).and_then(|chunk| async {
            match chunk {
                Chunk::Out(bytes) => Ok(bytes),
                Chunk::Err(text) => Err(io::Error::other(String::from_utf8_lossy(&text).trim().to_owned())),
            }
        });
        Ok(Box::new(tokio::io::join(StreamReader::new(output.boxed()), started.input)))
    }

    /// Waits until the agent says that it is ready.
    ///
    /// # Errors
    /// If it is not within `patience`; the error has the last lines of its log.
    pub async fn wait_ready(&self, patience: Duration) -> Result<(), Error> {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if let Ok(Ok(())) = timeout_at(deadline, self.ask_until_ready()).await {
                return Ok(());
            }
            sleep(Duration::from_millis(100)).await;
        }
        let (node, log) = (self.name().to_owned(), self.last_log_lines().await);
        Err(Error::NotReady { node, seconds: patience.as_secs(), log })
    }

    /// Asks over one stream, as opening one costs more than asking.
    async fn ask_until_ready(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let stream = TokioIo::new(self.dial().await?);
        let (mut agent, connection) = hyper::client::conn::http1::handshake(stream).await?;
        let ask = async {
            loop {
                let request = Request::get("/readyz").header("host", "wharf").body(Empty::<Bytes>::new())?;
                if agent.send_request(request).await?.status().is_success() {
                    return Ok(());
                }
                agent.ready().await?;
                sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            done = ask => done,
            ended = connection => Err(ended.err().map_or_else(|| "the agent hung up".into(), Into::into)),
        }
    }

    /// The end of the node container's log.
    pub async fn last_log_lines(&self) -> String {
        let options = LogOptions { tail: Some(LINES), ..Default::default() };
        let pieces = logs::open(&self.host.client, self.name(), &options);
        let text = |piece: Result<Chunk, runtime::Error>| match piece {
            Ok(Chunk::Out(bytes) | Chunk::Err(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => format!("{error}\n"),
        };
        pieces.map(text).collect().await
    }
}
