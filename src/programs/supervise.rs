//! First process of the node container: holds the network namespace, so that the data plane goes on working while the
//! agent, its only child, crashes and is started again.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// An agent that lived so long was well: the next failure is a first one.
const WELL: Duration = Duration::from_secs(10);
/// How long the agent may take to end when it is asked.
const GRACE: Duration = Duration::from_secs(10);

/// Runs the agent until a SIGTERM or SIGINT.
pub(super) async fn run() -> io::Result<()> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut pause = FIRST_PAUSE;
    loop {
        let started = Instant::now();
        let mut agent = Command::new("/proc/self/exe").arg("agent").spawn()?;
        tokio::select! {
            _ = term.recv() => return end(&mut agent).await,
            _ = int.recv() => return end(&mut agent).await,
            status = agent.wait() => {
                pause = pause_after(started.elapsed(), pause);
                let _ = writeln!(io::stderr(), "the agent ended ({}), starting it again in {pause:?}", status?);
            }
        }
        tokio::select! {
            _ = term.recv() => return Ok(()),
            _ = int.recv() => return Ok(()),
            () = sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
}

/// How long to wait before the next start, given how long the agent lived.
fn pause_after(lived: Duration, planned: Duration) -> Duration {
    if lived >= WELL { FIRST_PAUSE } else { planned }
}

/// Asks the agent to end, and ends it when it does not.
async fn end(agent: &mut Child) -> io::Result<()> {
    if let Some(pid) = agent.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) {
        kill_process(pid, Signal::TERM)?;
    }
    match timeout(GRACE, agent.wait()).await {
        Ok(status) => status.map(|_| ()),
        Err(_) => agent.kill().await,
    }
}
