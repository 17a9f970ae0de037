//! `wharf status`: how a node is.

use super::error::Error;
use super::session;
use super::table::align;
use super::ui::Ui;
use crate::api::{Timestamp, table};
use crate::docker::{Host, Node};
use crate::kubelet::runtime::State;

/// Runs `wharf status`.
///
/// # Errors
/// There is no such node, Docker does not answer, or the node's agent does not.
pub async fn run(name: &str, ui: &Ui) -> Result<(), Error> {
    let host = Host::connect().await?;
    let Some(node) = Node::find(&host, name).await? else {
        return Err(Error::node(format!("there is no node \"{name}\" on the Docker host")).hint("`wharf up` makes it"));
    };
    let status = node.status().await?;
    let state = match &status.state {
        State::Running { started } => format!("running for {}", table::age(*started, Timestamp::now())),
        State::Created => "created, not started".to_owned(),
        State::Exited { code, .. } => format!("stopped, exit code {code}"),
    };
    let api = match session::open(name).await?.client.version().await {
        Ok(version) => format!("answers, {}", version["gitVersion"].as_str().unwrap_or("unknown")),
        Err(error) => format!("does not answer: {error}"),
    };
    let settings = node.settings();
    let memory = status.memory.map_or_else(|| "unknown".to_owned(), megabytes);
    let bind = if settings.bind.is_empty() { "all addresses" } else { &settings.bind };
    let rows = [
        ("node", settings.node.clone()),
        ("state", state),
        ("api", api),
        ("version", status.version),
        ("image", settings.image.clone()),
        ("subnet", settings.subnet.to_string()),
        ("ports on", bind.to_owned()),
        ("ingress", format!("http {}, https {}", settings.http, settings.https)),
        ("memory", memory),
        ("pods", format!("{} running, with {} containers", status.pods, status.containers)),
        ("volumes", status.volumes.to_string()),
    ];
    ui.data(&align(&rows.map(|(name, value)| vec![name.to_owned(), value])));
    if matches!(status.state, State::Running { .. }) {
        Ok(())
    } else {
        Err(Error::node("the node does not run").hint("`wharf up` starts it"))
    }
}

/// Bytes as `7.3 MB`.
fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}
