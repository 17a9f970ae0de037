//! Runs one probe once.

use std::io;
use std::time::Duration;

use k8s_openapi::api::core::v1::Probe;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::action::Action;
use super::get::Get;
use super::state;
use super::target::Target;
use super::{grpc, http};
use crate::kubelet::exec;
use crate::kubelet::runtime::Runtime;

/// What came of a probe; the words are Kubernetes'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It passed, but people should know something.
    Warned(String),
    /// It failed.
    Failed(String),
    /// It could not be run, which counts as a failure.
    Errored(String),
}

/// Runs the probe, within its bound.
pub async fn run(runtime: &dyn Runtime, probe: &Probe, target: &Target) -> Outcome {
    let limit = state::timeout(probe);
    match Action::of(probe, &target.container, &target.pod_ip) {
        Err(why) => Outcome::Errored(why),
        Ok(Action::Http(get)) => timeout(limit, fetch(&get)).await.unwrap_or_else(|_| {
            let why = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
            Outcome::Failed(format!("Get \"{get}\": {why}"))
        }),
        Ok(Action::Tcp { host, port }) => match timeout(limit, TcpStream::connect((host.as_str(), port))).await {
            Ok(connected) => connected.map_or_else(|e| Outcome::Failed(refused(&e, &host, port)), |_| Outcome::Passed),
            Err(_) => Outcome::Failed(format!("dial tcp {host}:{port}: i/o timeout")),
        },
        Ok(Action::Grpc { host, port, service }) => grpc::check(&host, port, &service, limit).await,
        Ok(Action::Exec(command)) => {
            timeout(limit, execute(runtime, &target.id, &command)).await.unwrap_or_else(|_| late(&command, limit))
        }
    }
}

async fn fetch(get: &Get) -> Outcome {
    match http::get(get).await {
        Err(why) => Outcome::Failed(why),
        Ok(answer) => match answer.status {
            200..300 => Outcome::Passed,
            300..400 => Outcome::Warned(format!("Probe terminated redirects, Response body: {}", answer.body)),
            status => Outcome::Failed(format!("HTTP probe failed with statuscode: {status}")),
        },
    }
}

async fn execute(runtime: &dyn Runtime, container: &str, command: &[String]) -> Outcome {
    match exec::run(runtime, container, command, &[]).await {
        Ok(done) if done.code == Some(0) => Outcome::Passed,
        Ok(done) => Outcome::Failed(done.output.trim_end().to_owned()),
        Err(error) => Outcome::Errored(error.to_string()),
    }
}

fn late(command: &[String], limit: Duration) -> Outcome {
    Outcome::Failed(format!("command timed out: \"{}\" timed out after {}s", command.join(" "), limit.as_secs()))
}

/// Why a server could not be reached.
pub fn refused(error: &io::Error, host: &str, port: u16) -> String {
    let why = match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::HostUnreachable => "no route to host".to_owned(),
        _ => error.to_string(),
    };
    format!("dial tcp {host}:{port}: connect: {why}")
}

#[cfg(test)]
mod tests;
