//! Images: what the host has, and pulls.

use std::time::Duration;

use bollard::Docker;
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::StreamExt;

use super::engine::Engine;
use super::error::{about, is_missing};
use super::pull::{Meter, split_reference};
use crate::kubelet::runtime::{Error, Image, PullProgress};

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
        }))
    }
}

/// Pulls an image; `told` hears how far it is whenever that changes.
pub(super) async fn pull(
    client: &Docker,
    name: &str,
    told: &(dyn Fn(PullProgress) + Send + Sync),
) -> Result<(), Error> {
    let (repository, tag) = split_reference(name);
    let options = CreateImageOptionsBuilder::new().from_image(repository).tag(tag).build();
    let patient = client.clone().with_timeout(PATIENCE);
    let mut steps = std::pin::pin!(patient.create_image(Some(options), None, None));
    let mut meter = Meter::default();
    while let Some(step) = steps.next().await {
        let step = step.map_err(|error| match about(&named(name), error) {
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

fn named(name: &str) -> String {
    format!("image \"{name}\"")
}
