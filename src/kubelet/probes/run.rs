//! Runs one probe once.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;

use super::action::{Action, Get};
use super::http;
use super::state::timeout;
use super::target::Target;
use crate::kubelet::exec;
use crate::kubelet::runtime::Runtime;
use k8s_openapi::api::core::v1::Probe;

/// Runs the probe; the error says in Kubernetes' words why it failed.
pub async fn run(runtime: &dyn Runtime, probe: &Probe, target: &Target) -> Result<(), String> {
    let (action, limit) = (Action::of(probe, target)?, timeout(probe));
    match tokio::time::timeout(limit, act(runtime, &action, &target.id)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(late(&action, limit)),
    }
}

async fn act(runtime: &dyn Runtime, action: &Action, container: &str) -> Result<(), String> {
    match action {
        Action::Http(get) => match http::status(get).await.map_err(|e| format!("Get \"{}\": {e}", url(get)))? {
            200..400 => Ok(()),
            status => Err(format!("HTTP probe failed with statuscode: {status}")),
        },
        Action::Tcp { host, port } => {
            let connected = TcpStream::connect((host.as_str(), *port)).await;
            connected.map(drop).map_err(|e| format!("dial tcp {host}:{port}: connect: {}", plain(&e)))
        }
        Action::Exec(command) => {
            let done = exec::run(runtime, container, command, &[]).await.map_err(|e| e.to_string())?;
            if done.code == Some(0) { Ok(()) } else { Err(done.output.trim_end().to_owned()) }
        }
    }
}

fn late(action: &Action, limit: Duration) -> String {
    match action {
        Action::Http(get) => {
            format!("Get \"{}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)", url(get))
        }
        Action::Tcp { host, port } => format!("dial tcp {host}:{port}: i/o timeout"),
        Action::Exec(command) => format!("command timed out: {command:?} timed out after {}s", limit.as_secs()),
    }
}

/// Why a web server could not be reached.
pub fn refused(error: &io::Error, get: &Get) -> String {
    format!("dial tcp {}:{}: connect: {}", get.host, get.port, plain(error))
}

fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::HostUnreachable => "no route to host".to_owned(),
        _ => error.to_string(),
    }
}

fn url(get: &Get) -> String {
    format!("http://{}:{}{}", get.host, get.port, get.path)
}

#[cfg(test)]
mod tests;
