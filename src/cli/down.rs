//! `wharf down`: the node off the Docker host.

use super::args::Down;
use super::error::Error;
use super::ui::Ui;
use crate::docker::{Host, Node};

/// Runs `wharf down`. A node that is not there is no error.
///
/// # Errors
/// Docker does not answer or refuses.
pub async fn run(node: &str, down: &Down, ui: &Ui) -> Result<(), Error> {
    let host = Host::connect().await?;
    let removed = Node::down(&host, node, down.volumes).await?;
    if removed.containers == 0 && removed.networks.is_empty() && removed.volumes.is_empty() && removed.images.is_empty() {
        ui.say(&format!("there is no node \"{node}\" on the Docker host"));
    } else {
        ui.say(&format!(
            "node/{node} is down: {} containers, {} networks, {} volumes and {} images removed",
            removed.containers,
            removed.networks.len(),
            removed.volumes.len(),
            removed.images.len()
        ));
    }
    if !removed.kept.is_empty() {
        ui.say(&format!("kept, with their data: {}", removed.kept.join(", ")));
        ui.say("hint: `wharf down --volumes` removes them too");
    }
    Ok(())
}
