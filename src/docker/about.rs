//! What the engine says of itself and its host.

use bollard::Docker;

use super::error::about;
use crate::kubelet::runtime::{About, Error};

pub(super) async fn ask(client: &Docker) -> Result<About, Error> {
    let told = client.info().await.map_err(|e| about("the engine", e))?;
    let options = told.security_options.unwrap_or_default();
    Ok(About {
        version: told.server_version.map(|v| format!("docker://{v}")).unwrap_or_default(),
        system: told.operating_system.unwrap_or_default(),
        id: told.id.unwrap_or_default(),
        runtimes: told.runtimes.unwrap_or_default().into_keys().collect(),
        apparmor: options.iter().any(|o| o.contains("name=apparmor")),
    })
}
