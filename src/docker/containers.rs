//! Containers of pods: list, inspect, create, start, stop, remove.

use std::collections::HashMap;
use std::time::Duration;

use bollard::Docker;
use bollard::models::ContainerSummary;
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
    StopContainerOptionsBuilder,
};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::engine::Engine;
use super::error::{about, is_conflict, is_missing};
use super::{inspect, translate};
use crate::api::names::{NODE_LABEL, container::UID};
use crate::kubelet::runtime::{Container, ContainerSpec, Error, Limits};

/// How many requests are under way at once: more than twice the processors of a small host only adds latency.
pub(super) const AT_ONCE: usize = 4;

/// The labels by which a node's objects are found; what belongs to pods has a uid too.
pub(super) fn label_filter(node: &str, of_pods: bool) -> HashMap<&'static str, Vec<String>> {
    let uid = of_pods.then(|| UID.to_owned());
    [("label", [format!("{NODE_LABEL}={node}")].into_iter().chain(uid).collect())].into()
}

/// A node's containers, running or not, in the short form.
pub(super) async fn summaries(client: &Docker, node: &str, of_pods: bool) -> Result<Vec<ContainerSummary>, Error> {
    let options = ListContainersOptionsBuilder::new().all(true).filters(&label_filter(node, of_pods)).build();
    client.list_containers(Some(options)).await.map_err(|e| about("containers", e))
}

/// Asks a container to end, ends it after `grace` seconds, and returns when it has ended.
pub(super) async fn stop(client: &Docker, id: &str, grace: i64) -> Result<(), Error> {
    let grace = i32::try_from(grace.max(0)).unwrap_or(i32::MAX);
    let options = StopContainerOptionsBuilder::new().t(grace).build();
    // The engine answers only when the container has ended.
    let patient = client.clone().with_timeout(Duration::from_secs(u64::from(grace.unsigned_abs()) + 60));
    patient.stop_container(id, Some(options)).await.map_err(|e| about(&named(id), e))
}

/// Removes a container, running or not, with its anonymous volumes. It is no error if it is gone or going.
pub(super) async fn remove(client: &Docker, id: &str) -> Result<(), Error> {
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    match client.remove_container(id, Some(options)).await {
        Err(error) if !is_missing(&error) && !is_conflict(&error) => Err(about(&named(id), error)),
        _ => Ok(()),
    }
}

pub(super) fn named(id: &str) -> String {
    format!("container \"{id}\"")
}

impl Engine {
    /// A list tells no times, so each container is inspected; one that goes meanwhile is left out.
    pub(super) async fn list_containers(&self) -> Result<Vec<Container>, Error> {
        let ids = summaries(&self.client, &self.node, true).await?.into_iter().filter_map(|c| c.id);
        let each = |id: String| async move {
            match self.client.inspect_container(&id, None).await {
                Ok(told) => Ok(Some(inspect::container(told, &self.node))),
                Err(error) if is_missing(&error) => Ok(None),
                Err(error) => Err(about(&named(&id), error)),
            }
        };
        let seen = stream::iter(ids).map(each).buffered(AT_ONCE).try_filter_map(|c| async { Ok(c) });
        let mut containers: Vec<Container> = seen.try_collect().await?;
        containers.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(containers)
    }

    pub(super) async fn inspect_container(&self, id: &str) -> Result<Container, Error> {
        let told = self.client.inspect_container(id, None).await.map_err(|e| about(&named(id), e))?;
        Ok(inspect::container(told, &self.node))
    }

    pub(super) async fn create_container(&self, spec: &ContainerSpec) -> Result<String, Error> {
        let (state, volumes) = (self.state_path().await?, self.volume_paths(spec).await?);
        let around = translate::Surroundings { node: &self.node, bind: &self.bind, state, volumes: &volumes };
        let options = CreateContainerOptionsBuilder::new().name(&spec.name).build();
        let created = self.client.create_container(Some(options), translate::body(spec, &around)).await;
        created.map(|c| c.id).map_err(|e| about(&named(&spec.name), e))
    }

    pub(super) async fn start_container(&self, id: &str) -> Result<(), Error> {
        // Who starts it tells of it by its name; its id is new each time and says nothing to people.
        self.client.start_container(id, None).await.map_err(|e| about("", e))
    }

    pub(super) async fn stop_container(&self, id: &str, grace: i64) -> Result<(), Error> {
        stop(&self.client, id, grace).await
    }

    pub(super) async fn resize_container(&self, id: &str, limits: &Limits) -> Result<(), Error> {
        self.client.update_container(id, translate::update(limits)).await.map_err(|e| about("", e))
    }

    pub(super) async fn remove_container(&self, id: &str) -> Result<(), Error> {
        remove(&self.client, id).await
    }
}
