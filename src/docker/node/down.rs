//! Takes a node down: everything that carries its label, but for volumes with data unless these are named too.

use bollard::query_parameters::ListNetworksOptionsBuilder;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::image;
use super::up::Node;
use crate::api::names::container::CONTAINER;
use crate::docker::containers::{self, AT_ONCE, label_filter};
use crate::docker::error::{Error, about, is_missing};
use crate::docker::host::Host;
use crate::docker::volumes;
use crate::kubelet::runtime;

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// How many containers, the node's own among them.
    pub containers: usize,
    /// Networks by name.
    pub networks: Vec<String>,
    /// Volumes by name.
    pub volumes: Vec<String>,
    /// Volumes with data that were kept, by name.
    pub kept: Vec<String>,
    /// Images by name.
    pub images: Vec<String>,
}

/// The seconds that programs have to end: databases write down what they hold.
const GRACE: i64 = 10;

impl Node {
    /// Takes the node of this name down, whatever is left of it; with `with_data` its data too.
    ///
    /// # Errors
    /// If the engine refuses to remove something.
    pub async fn down(host: &Host, name: &str, with_data: bool) -> Result<Removed, Error> {
        let client = &host.client;
        // The agent first: it would start again what ends.
        if let Some(node) = Self::find(host, name).await? {
            containers::stop(client, &node.container.id, GRACE + 5).await?;
        }
        let left = containers::summaries(client, name, false).await?;
        let of_apps = left.iter().filter(|c| c.labels.as_ref().is_some_and(|l| l.contains_key(CONTAINER)));
        let ids = |c: &bollard::models::ContainerSummary| c.id.clone();
        let stops = of_apps.filter_map(ids).map(|id| async move { containers::stop(client, &id, GRACE).await });
        // One that is gone or does not end is removed all the same.
        let _: Vec<_> = stream::iter(stops).buffer_unordered(64).collect().await;
        let removals = left.iter().filter_map(ids).map(|id| async move { containers::remove(client, &id).await });
        stream::iter(removals).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        let mut removed = Removed { containers: left.len(), ..Default::default() };
        removed.networks = remove_networks(host, name).await?;
        for volume in volumes::list(client, name).await? {
            if with_data || volumes::is_disposable(&volume) {
                volumes::remove(client, &volume.name).await?;
                removed.volumes.push(volume.name);
            } else {
                removed.kept.push(volume.name);
            }
        }
        removed.images = image::remove_unused(client).await?;
        Ok(removed)
    }
}

async fn remove_networks(host: &Host, node: &str) -> Result<Vec<String>, runtime::Error> {
    let options = ListNetworksOptionsBuilder::new().filters(&label_filter(node, false)).build();
    let networks = host.client.list_networks(Some(options)).await.map_err(|e| about("networks", e))?;
    let mut removed = Vec::new();
    for name in networks.into_iter().filter_map(|n| n.name) {
        match host.client.remove_network(&name).await {
            Err(error) if !is_missing(&error) => return Err(about(&format!("network \"{name}\""), error)),
            _ => removed.push(name),
        }
    }
    Ok(removed)
}
