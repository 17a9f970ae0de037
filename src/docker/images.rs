//! Images: what the host has, and pulls.

use std::time::Duration;

use bollard::Docker;
use bollard::auth::DockerCredentials;
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::StreamExt;

use super::engine::Engine;
use super::error::{about, is_missing};
use super::pull::{Meter, split_reference};
use crate::kubelet::runtime::{Credentials, Error, Image, PullProgress};

/// How long a registry may take to begin to answer.
const PATIENCE: Duration = Duration::from_mins(10);

impl Engine {
    pub(super) async fn find_image(&self, name: &str) -> Result<Option<Image>, Error> {
        let told = match self.client.inspect_image(name).await {
            Ok(told) => told,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(about(&named(name), error)),
        };
        let config = told.config.unwrap_or_default();
        let pair = |text: String| match text.split_once('=') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => (text, String::new()),
        };
        Ok(Some(Image {
            id: told.id.unwrap_or_default(),
            user: config.user.unwrap_or_default(),
            env: config.env.unwrap_or_default().into_iter().map(pair).collect(),
            size: told.size.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default(),
        }))
    }
}

/// Pulls an image with these credentials, or as anybody; `told` hears how far it is whenever that changes.
pub(super) async fn pull(
    client: &Docker,
    name: &str,
    credentials: Option<&Credentials>,
    told: &(dyn Fn(PullProgress) + Send + Sync),
) -> Result<(), Error> {
    let (repository, tag) = split_reference(name);
    let options = CreateImageOptionsBuilder::new().from_image(repository).tag(tag).build();
    let patient = client.clone().with_timeout(PATIENCE);
    let mut steps = std::pin::pin!(patient.create_image(Some(options), None, credentials.map(translate)));
    let mut meter = Meter::default();
    while let Some(step) = steps.next().await {
        let step = step.map_err(|error| match about("", error) {
            // Whatever a registry says, the image is what can't be had.
            Error::NotFound(text) | Error::Conflict(text) | Error::Refused(text) => Error::Image(text),
            other => other,
        })?;
        if let Some(progress) = meter.hear(&step) {
            told(progress);
        }
    }
    Ok(())
}

/// Credentials as the engine takes them; it asks for no more than it is given.
fn translate(credentials: &Credentials) -> DockerCredentials {
    let given = |text: &String| (!text.is_empty()).then(|| text.clone());
    DockerCredentials {
        username: given(&credentials.username),
        password: given(&credentials.password),
        identitytoken: given(&credentials.identity_token),
        registrytoken: given(&credentials.registry_token),
        ..DockerCredentials::default()
    }
}

fn named(name: &str) -> String {
    format!("image \"{name}\"")
}
