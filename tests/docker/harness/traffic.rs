//! Requests all the time from a pod, so that a scenario can tell whether any of them failed.

use std::process::{Child, Command, Stdio};

use super::{Node, Ran};

/// Traffic that goes on until it is stopped.
pub struct Traffic<'a> {
    node: &'a Node,
    container: String,
    child: Child,
    stop: String,
}

/// How many requests were answered, and how many were not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Answered with success.
    pub good: usize,
    /// Refused, not answered within 2 seconds, or answered with an error.
    pub bad: usize,
}

impl Node {
    /// Asks for a URL from a pod's container `client`, with curl in it; the page, or why there is none. Works while the agent is down, too.
    pub fn get_in_pod(&self, pod: &str, url: &str) -> Result<String, String> {
        let Some(container) = self.container(pod, "client") else { return Err(format!("{pod} does not run")) };
        let ran = self.try_docker(&["exec", &container.id, "curl", "-sSf", "-m", "5", url]);
        if ran.code == 0 { Ok(ran.out) } else { Err(ran.err) }
    }

    /// Asks for a URL from a pod's container `client`, with curl in it: one request after another, at most 50 a second,
    /// with a new connection for each.
    #[track_caller]
    pub fn traffic(&self, pod: &str, url: &str) -> Traffic<'_> {
        let container = self.container(pod, "client").unwrap_or_else(|| panic!("{pod} does not run")).id;
        let stop = format!("/tmp/stop-{}", super::ports::free());
        let options = "-sS -m 2 -H 'Connection: close' --rate 50/s -o /dev/null -w '%{http_code}\\n'";
        let script = format!("while [ ! -e {stop} ]; do curl {options} '{url}?[1-25]' 2>&1; done");
        let child = self.docker_command(&["exec", &container, "sh", "-c", &script]).stdout(Stdio::piped()).spawn();
        Traffic { node: self, container, child: child.unwrap(), stop }
    }
}

impl Traffic<'_> {
    /// Ends the traffic and counts.
    #[track_caller]
    pub fn stop(self) -> Counts {
        self.node.docker(&["exec", &self.container, "touch", &self.stop]);
        let output = self.child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let (codes, errors): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.parse::<u16>().is_ok());
        let good = codes.iter().filter(|code| code.starts_with('2')).count();
        let counts = Counts { good, bad: codes.len() - good };
        self.node.note(&format!("traffic: {counts:?}\n{}\n", errors.join("\n")));
        counts
    }
}

impl Node {
    /// `docker` with arguments, for this node's engine, not yet run.
    pub(super) fn docker_command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("docker");
        if let Some(engine) = &self.engine {
            command.env("DOCKER_HOST", engine);
        }
        command.args(args);
        command
    }

    /// Runs `docker`.
    pub fn try_docker(&self, args: &[&str]) -> Ran {
        let ran = Ran::of(&mut self.docker_command(args), "");
        if !matches!(args[0], "inspect" | "ps") {
            self.note(&ran.to_string());
        }
        ran
    }
}
