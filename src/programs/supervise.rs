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
    let mut last = None;
    loop {
        let started = Instant::now();
        // Else the allocator keeps a heap for each of the many short-lived threads that wait for the disk.
        // <https://sourceware.org/glibc/manual/latest/html_node/Memory-Allocation-Tunables.html>
        let mut agent = Command::new("/proc/self/exe").arg("agent").env("MALLOC_ARENA_MAX", "2").spawn()?;
        tokio::select! {
            _ = term.recv() => return end(&mut agent).await,
            _ = int.recv() => return end(&mut agent).await,
            status = agent.wait() => {
                let pause = next_pause(started.elapsed(), last);
                let _ = writeln!(io::stderr(), "the agent ended ({}), starting it again in {pause:?}", status?);
                last = Some(pause);
            }
        }
        tokio::select! {
            _ = term.recv() => return Ok(()),
            _ = int.recv() => return Ok(()),
            () = sleep(last.unwrap_or_default()) => {}
        }
    }
}

/// How long to wait before the next start, after the agent lived so long and the last wait was so long.
fn next_pause(lived: Duration, last: Option<Duration>) -> Duration {
    match last {
        Some(last) if lived < WELL => (last * 2).min(LONGEST_PAUSE),
        _ => FIRST_PAUSE,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_that_fails_again_and_again_is_given_ever_more_time() {
        let mut last = None;
        let mut pauses = Vec::new();
        for lived in [0, 1, 9, 0, 0, 0, 0, 0, 10, 0] {
            last = Some(next_pause(Duration::from_secs(lived), last));
            pauses.extend(last.map(|p| p.as_millis()));
        }
        assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 5000, 5000, 100, 200]);
    }
}
