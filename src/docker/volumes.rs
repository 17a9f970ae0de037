//! Volumes: claims, and what must stay in memory.

use std::collections::{BTreeMap, HashMap};

use bollard::Docker;
use bollard::models::{Volume, VolumeCreateRequest};
use bollard::query_parameters::{ListVolumesOptionsBuilder, RemoveVolumeOptions};

use super::containers::label_filter;
use super::engine::Engine;
use super::error::{about, is_missing};
use crate::api::names::{IMAGE_LABEL, NODE_LABEL};
use crate::kubelet::runtime::{ContainerSpec, Error, Source, VolumeSpec};

/// Makes a volume of a node, with its label.
pub(super) async fn create(client: &Docker, node: &str, spec: &VolumeSpec) -> Result<(), Error> {
    let mut labels: HashMap<_, _> = spec.labels.clone().into_iter().collect();
    labels.insert(NODE_LABEL.to_owned(), node.to_owned());
    let request = VolumeCreateRequest {
        name: Some(spec.name.clone()),
        driver: Some(spec.driver.clone()),
        driver_opts: Some(spec.options.clone().into_iter().collect()),
        labels: Some(labels),
        ..Default::default()
    };
    client.create_volume(request).await.map(|_| ()).map_err(|e| about(&named(&spec.name), e))
}

/// Removes a volume; it is no error if it is gone.
pub(super) async fn remove(client: &Docker, name: &str) -> Result<(), Error> {
    match client.remove_volume(name, None::<RemoveVolumeOptions>).await {
        Err(error) if !is_missing(&error) => Err(about(&named(name), error)),
        _ => Ok(()),
    }
}

/// A node's volumes by name, the state volume among them.
pub(super) async fn list(client: &Docker, node: &str) -> Result<Vec<Volume>, Error> {
    let options = ListVolumesOptionsBuilder::new().filters(&label_filter(node, false)).build();
    let told = client.list_volumes(Some(options)).await.map_err(|e| about("volumes", e))?;
    let mut volumes = told.volumes.unwrap_or_default();
    volumes.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(volumes)
}

/// Whether what is in it is nobody's data: gone anyway when nobody uses it, or a copy of an image.
pub(super) fn is_disposable(volume: &Volume) -> bool {
    volume.options.get("type").is_some_and(|t| t == "tmpfs") || volume.labels.contains_key(IMAGE_LABEL)
}

fn named(name: &str) -> String {
    format!("volume \"{name}\"")
}

impl Engine {
    /// Where the volumes are on the Docker host of which a container mounts only a path.
    pub(super) async fn volume_paths(&self, spec: &ContainerSpec) -> Result<BTreeMap<String, String>, Error> {
        let mut paths = BTreeMap::new();
        for mount in &spec.mounts {
            let Source::VolumePath(name, _) = &mount.source else { continue };
            let told = self.client.inspect_volume(name).await.map_err(|e| about(&named(name), e))?;
            paths.insert(name.clone(), told.mountpoint);
        }
        Ok(paths)
    }

    pub(super) async fn make_volume(&self, spec: &VolumeSpec) -> Result<(), Error> {
        create(&self.client, &self.node, spec).await
    }

    pub(super) async fn list_volumes(&self) -> Result<Vec<String>, Error> {
        let state = Self::state_volume(&self.node);
        let names = list(&self.client, &self.node).await?.into_iter().map(|v| v.name);
        Ok(names.filter(|name| *name != state).collect())
    }
}
