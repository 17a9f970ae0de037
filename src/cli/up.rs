//! `wharf up`: the node on the Docker host.

use super::args::Up;
use super::error::Error;
use super::session;
use super::ui::{Mark, Ui};

/// Runs `wharf up`.
///
/// # Errors
/// Docker does not answer, or the node does not come up.
pub async fn run(node: &str, up: &Up, ui: &mut Ui) -> Result<(), Error> {
    session::up(node, &up.node, ui).await?;
    ui.line(&format!("node/{node}"), Mark::Done, "up");
    ui.close();
    Ok(())
}
