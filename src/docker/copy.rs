//! Copies images into volumes: this engine can't mount an image.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bollard::body_stream;
use bollard::models::{ContainerCreateBody, HostConfig, Mount, MountType, MountVolumeOptions};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, DownloadFromContainerOptionsBuilder, UploadToContainerOptionsBuilder,
};
use futures_util::{StreamExt, future};

use super::containers;
use super::engine::Engine;
use super::error::{about, is_missing};
use crate::api::names::NODE_LABEL;
use crate::kubelet::runtime::{Error, VolumeSpec};

/// Where the volume is in the container that it is filled through; nothing ever runs in that.
const FOLDER: &str = "/wharf-image";
/// How long the copy of an image may take.
const PATIENCE: Duration = Duration::from_mins(10);

impl Engine {
    /// Makes a volume with the root file system of an image, once. Two containers that are never started serve for it:
    /// one of the image, to read from, and one that has the volume, to write to. While the latter is there the copy is
    /// unfinished, whoever began it.
    pub(super) async fn image_volume(&self, image: &str, spec: &VolumeSpec) -> Result<(), Error> {
        let _one_at_a_time = self.copies.lock().await;
        let (from, to) = (format!("{}.from", spec.name), format!("{}.to", spec.name));
        if self.is_there(&to).await? {
            self.discard(&from, &to).await?;
            super::volumes::remove(&self.client, &spec.name).await?;
        } else {
            match self.client.inspect_volume(&spec.name).await {
                Ok(_) => return Ok(()),
                Err(error) if !is_missing(&error) => return Err(about(&spec.name, error)),
                Err(_) => {}
            }
        }
        self.make(&to, image, Some(spec)).await?;
        self.make(&from, image, None).await?;
        let copied = self.copy(&from, &to).await;
        if copied.is_ok() {
            self.discard(&from, &to).await?;
        }
        copied
    }

    async fn is_there(&self, name: &str) -> Result<bool, Error> {
        match self.client.inspect_container(name, None).await {
            Ok(_) => Ok(true),
            Err(error) if is_missing(&error) => Ok(false),
            Err(error) => Err(about(name, error)),
        }
    }

    /// The one whose presence says that the copy is unfinished goes last.
    async fn discard(&self, from: &str, to: &str) -> Result<(), Error> {
        containers::remove(&self.client, from).await?;
        containers::remove(&self.client, to).await
    }

    async fn make(&self, name: &str, image: &str, volume: Option<&VolumeSpec>) -> Result<(), Error> {
        let label = || HashMap::from([(NODE_LABEL.to_owned(), self.node.clone())]);
        let mount = |spec: &VolumeSpec| {
            let labels = spec.labels.clone().into_iter().chain(label()).collect();
            Mount {
                typ: Some(MountType::VOLUME),
                source: Some(spec.name.clone()),
                target: Some(FOLDER.to_owned()),
                volume_options: Some(MountVolumeOptions { labels: Some(labels), ..Default::default() }),
                ..Default::default()
            }
        };
        let body = ContainerCreateBody {
            image: Some(image.to_owned()),
            // An image of nothing but files has no command of its own.
            entrypoint: Some(vec!["/".to_owned()]),
            labels: Some(label()),
            host_config: Some(HostConfig {
                network_mode: Some("none".to_owned()),
                mounts: volume.map(|spec| vec![mount(spec)]),
                ..Default::default()
            }),
            ..Default::default()
        };
        let options = CreateContainerOptionsBuilder::new().name(name).build();
        self.client.create_container(Some(options), body).await.map(|_| ()).map_err(|e| about(name, e))
    }

    async fn copy(&self, from: &str, to: &str) -> Result<(), Error> {
        let patient = self.client.clone().with_timeout(PATIENCE);
        let options = DownloadFromContainerOptionsBuilder::new().path("/.").build();
        let broken = Arc::new(AtomicBool::new(false));
        let noted = broken.clone();
        let bytes = patient.download_from_container(from, Some(options)).map(move |chunk| {
            noted.fetch_or(chunk.is_err(), Ordering::Relaxed);
            chunk.ok()
        });
        // A stream that breaks off ends the archive too early, which the engine may take for its end.
        let bytes = bytes.take_while(|chunk| future::ready(chunk.is_some())).filter_map(future::ready);
        let options = UploadToContainerOptionsBuilder::new().path(FOLDER).build();
        let sent = patient.upload_to_container(to, Some(options), body_stream(bytes)).await;
        sent.map_err(|e| about(to, e))?;
        if broken.load(Ordering::Relaxed) {
            return Err(Error::Refused(format!("the image of {from} could not be read to its end")));
        }
        Ok(())
    }
}
