//! Joins standard input and output to the agent's socket: the CLI runs it with `docker exec` and speaks HTTP over it.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWriteExt, copy, stdin, stdout};
use tokio::net::UnixStream;
use tokio::time::{Instant, sleep};

/// The agent's socket in the node container.
const SOCKET: &str = "/run/wharf/api.sock";
/// How long an agent that is just starting is waited for: an exec costs more than a wait.
const PATIENCE: Duration = Duration::from_secs(10);

/// Copies both ways until the agent's side ends; the end of standard input is passed on and ends only that direction.
pub(super) async fn run() -> io::Result<()> {
    let (mut from_agent, mut to_agent) = connect().await?.into_split();
    let input = async {
        let copied = copy(&mut stdin(), &mut to_agent).await;
        let _ = to_agent.shutdown().await;
        copied
    };
    let mut out = stdout();
    let output = copy(&mut from_agent, &mut out);
    tokio::pin!(input, output);
    tokio::select! {
        done = &mut output => done.map(|_| ()),
        done = &mut input => match done {
            Ok(_) => output.await.map(|_| ()),
            Err(error) => Err(error),
        },
    }
}

async fn connect() -> io::Result<UnixStream> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match UnixStream::connect(SOCKET).await {
            Ok(stream) => return Ok(stream),
            Err(error) if Instant::now() >= deadline => {
                return Err(io::Error::new(error.kind(), format!("the agent does not answer at {SOCKET}: {error}")));
            }
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}
