//! The facts about a node that `wharf status` shows.

use bollard::models::ContainerSummaryStateEnum;
use bollard::query_parameters::StatsOptionsBuilder;
use futures_util::StreamExt;

use super::up::Node;
use crate::api::names::container::CONTAINER;
use crate::docker::containers;
use crate::docker::error::Error;
use crate::docker::volumes;
use crate::kubelet::runtime::State;

/// The facts about a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The state of the node container.
    pub state: State,
    /// The version of wharf that made it.
    pub version: String,
    /// Sandboxes that run: one for each pod.
    pub pods: usize,
    /// Containers of pods that run.
    pub containers: usize,
    /// Its volumes, the state volume among them.
    pub volumes: usize,
    /// What the node container holds, in bytes, without what the kernel can drop; only while it runs.
    pub memory: Option<u64>,
}

impl Node {
    /// Asks the engine about the node.
    ///
    /// # Errors
    /// If the engine does not answer.
    pub async fn status(&self) -> Result<Status, Error> {
        let client = &self.host.client;
        let seen = containers::summaries(client, self.name(), true).await?;
        let running = seen.iter().filter(|c| c.state == Some(ContainerSummaryStateEnum::RUNNING));
        let (apps, sandboxes): (Vec<_>, Vec<_>) =
            running.partition(|c| c.labels.as_ref().is_some_and(|l| l.contains_key(CONTAINER)));
        Ok(Status {
            state: self.container.state.clone(),
            version: self.container.labels.get(super::image::LABEL).cloned().unwrap_or_default(),
            pods: sandboxes.len(),
            containers: apps.len(),
            volumes: volumes::list(client, self.name()).await?.len(),
            memory: self.memory().await,
        })
    }

    async fn memory(&self) -> Option<u64> {
        let options = StatsOptionsBuilder::new().stream(false).one_shot(true).build();
        let mut told = Box::pin(self.host.client.stats(&self.container.id, Some(options)));
        let memory = told.next().await?.ok()?.memory_stats?;
        let details = memory.stats.unwrap_or_default();
        // The name of what the kernel can drop differs between the versions of cgroups.
        let droppable = details.get("inactive_file").or_else(|| details.get("total_inactive_file"));
        Some(memory.usage?.saturating_sub(droppable.copied().unwrap_or_default()))
    }
}
