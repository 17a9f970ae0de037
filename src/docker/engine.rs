//! Docker as the kubelet's container engine: one node's view of it.

use std::sync::Arc;

use bollard::Docker;
use tokio::sync::{Mutex, OnceCell};

use super::error::about;
use super::host::Host;
use crate::kubelet::runtime::{
    About, AttachSpec, Chunk, Container, ContainerSpec, Credentials, Error, Event, Exec, ExecSpec, Flow, Image, Later,
    Limits, LogOptions, PullProgress, Reading, Runtime, VolumeSpec,
};

/// One node's containers, images and volumes on a Docker host.
#[derive(Clone)]
pub struct Engine {
    pub(super) client: Docker,
    pub(super) node: String,
    pub(super) bind: String,
    state: Arc<OnceCell<String>>,
    /// Held while an image is copied.
    pub(super) copies: Arc<Mutex<()>>,
}

impl Engine {
    /// The engine of a node; `bind` is the host's address for ports that name none, empty for all addresses.
    pub fn new(host: &Host, node: &str, bind: &str) -> Self {
        Self {
            client: host.client.clone(),
            node: node.to_owned(),
            bind: bind.to_owned(),
            state: Arc::default(),
            copies: Arc::default(),
        }
    }

    /// The name of a node's state volume.
    pub fn state_volume(node: &str) -> String {
        format!("{node}-state")
    }

    /// Where the state volume is on the Docker host; it never moves.
    pub(super) async fn state_path(&self) -> Result<&str, Error> {
        let ask = || async {
            let name = Self::state_volume(&self.node);
            let volume = self.client.inspect_volume(&name).await;
            volume.map(|v| v.mountpoint).map_err(|e| about(&format!("volume \"{name}\""), e))
        };
        self.state.get_or_try_init(ask).await.map(String::as_str)
    }
}

impl Runtime for Engine {
    fn about(&self) -> Later<'_, Result<About, Error>> {
        Box::pin(super::about::ask(&self.client))
    }

    fn containers(&self) -> Later<'_, Result<Vec<Container>, Error>> {
        Box::pin(self.list_containers())
    }

    fn inspect<'a>(&'a self, id: &'a str) -> Later<'a, Result<Container, Error>> {
        Box::pin(self.inspect_container(id))
    }

    fn create<'a>(&'a self, spec: &'a ContainerSpec) -> Later<'a, Result<String, Error>> {
        Box::pin(self.create_container(spec))
    }

    fn start<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Error>> {
        Box::pin(self.start_container(id))
    }

    fn stop<'a>(&'a self, id: &'a str, grace: i64) -> Later<'a, Result<(), Error>> {
        Box::pin(self.stop_container(id, grace))
    }

    fn resize<'a>(&'a self, id: &'a str, limits: &'a Limits) -> Later<'a, Result<(), Error>> {
        Box::pin(self.resize_container(id, limits))
    }

    fn remove<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Error>> {
        Box::pin(self.remove_container(id))
    }

    fn image<'a>(&'a self, name: &'a str) -> Later<'a, Result<Option<Image>, Error>> {
        Box::pin(self.find_image(name))
    }

    fn pull<'a>(
        &'a self,
        name: &'a str,
        credentials: Option<&'a Credentials>,
        told: &'a (dyn Fn(PullProgress) + Send + Sync),
    ) -> Later<'a, Result<(), Error>> {
        Box::pin(super::images::pull(&self.client, name, credentials, told))
    }

    fn exec<'a>(&'a self, id: &'a str, spec: &'a ExecSpec) -> Later<'a, Result<Exec, Error>> {
        Box::pin(super::exec::start(&self.client, id, spec))
    }

    fn exec_code<'a>(&'a self, exec: &'a str) -> Later<'a, Result<Option<i64>, Error>> {
        Box::pin(super::exec::code(&self.client, exec))
    }

    fn exec_resize<'a>(&'a self, exec: &'a str, width: u16, height: u16) -> Later<'a, Result<(), Error>> {
        Box::pin(super::exec::resize(&self.client, exec, width, height))
    }

    fn attach<'a>(&'a self, id: &'a str, spec: AttachSpec) -> Later<'a, Result<Exec, Error>> {
        Box::pin(super::attach::join(&self.client, id, spec))
    }

    fn attach_resize<'a>(&'a self, id: &'a str, width: u16, height: u16) -> Later<'a, Result<(), Error>> {
        Box::pin(super::attach::resize(&self.client, id, width, height))
    }

    fn logs<'a>(
        &'a self,
        id: &'a str,
        options: &'a LogOptions,
    ) -> Later<'a, Result<Flow<Result<Chunk, Error>>, Error>> {
        Box::pin(async { Ok(super::logs::open(&self.client, id, options)) })
    }

    fn usage<'a>(&'a self, id: &'a str) -> Later<'a, Result<Reading, Error>> {
        Box::pin(super::stats::read(&self.client, id))
    }

    fn events(&self) -> Later<'_, Result<Flow<Result<Event, Error>>, Error>> {
        Box::pin(self.follow_events())
    }

    fn create_volume<'a>(&'a self, spec: &'a VolumeSpec) -> Later<'a, Result<(), Error>> {
        Box::pin(self.make_volume(spec))
    }

    fn copy_image<'a>(&'a self, image: &'a str, spec: &'a VolumeSpec) -> Later<'a, Result<(), Error>> {
        Box::pin(self.image_volume(image, spec))
    }

    fn remove_volume<'a>(&'a self, name: &'a str) -> Later<'a, Result<(), Error>> {
        Box::pin(super::volumes::remove(&self.client, name))
    }

    fn volumes(&self) -> Later<'_, Result<Vec<String>, Error>> {
        Box::pin(self.list_volumes())
    }
}
