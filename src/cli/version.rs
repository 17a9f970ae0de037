//! `wharf version`: this program's version, and the node's.

use super::args::Version;
use super::error::Error;
use super::session;
use super::ui::Ui;

/// Runs `wharf version`.
///
/// # Errors
/// A node that does not answer, unless only this program's version is asked for.
pub async fn run(node: &str, version: &Version, ui: &Ui) -> Result<(), Error> {
    ui.data(&format!("wharf {}", env!("CARGO_PKG_VERSION")));
    if version.client {
        return Ok(());
    }
    let session = session::open(node).await?;
    let server = session.client.version().await?;
    ui.data(&format!("node {node}: {}", server["gitVersion"].as_str().unwrap_or("unknown")));
    Ok(())
}
