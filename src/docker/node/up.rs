//! Brings a node up: image, network, volume, container, in whatever state they are found.

use bollard::query_parameters::CreateContainerOptionsBuilder;

use super::settings::Settings;
use super::{container, image, network};
use crate::api::names::NODE_LABEL;
use crate::api::net::{Cidr, Ranges};
use crate::docker::endpoint::Endpoint;
use crate::docker::error::{Error, about, is_missing};
use crate::docker::host::Host;
use crate::docker::{Engine, containers, inspect, volumes};
use crate::kubelet::runtime::{self, Container, State, VolumeSpec};

/// How to bring a node up; what is left out stays as it is, or is the usual on a new node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpOptions {
    /// The node's name.
    pub node: String,
    /// The subnet of its network, a /16.
    pub subnet: Option<Cidr>,
    /// The host's address for published ports that name none.
    pub bind: Option<String>,
    /// The image of the node in place of the CLI's own executable.
    pub image: Option<String>,
    /// The host's port of the ingress for HTTP.
    pub http: Option<u16>,
    /// The host's port of the ingress for HTTPS.
    pub https: Option<u16>,
    /// The image of the ingress.
    pub ingress_image: Option<String>,
    /// Unsafe kernel parameters that pods may set.
    pub sysctls: Option<Vec<String>>,
}

impl UpOptions {
    /// The settings that follow from what is asked for now and what was asked for before.
    fn settings(&self, image: &str, subnet: Cidr, before: Option<&Settings>) -> Settings {
        Settings {
            node: self.node.clone(),
            image: image.to_owned(),
            subnet,
            bind: self.bind.clone().or_else(|| before.map(|b| b.bind.clone())).unwrap_or_default(),
            http: self.http.or(before.map(|b| b.http)).unwrap_or(80),
            https: self.https.or(before.map(|b| b.https)).unwrap_or(443),
            ingress_image: self.ingress_image.clone().or_else(|| before.and_then(|b| b.ingress_image.clone())),
            sysctls: self.sysctls.clone().or_else(|| before.map(|b| b.sysctls.clone())).unwrap_or_default(),
        }
    }
}

/// A node on a Docker host.
pub struct Node {
    pub(super) host: Host,
    pub(super) settings: Settings,
    pub(super) container: Container,
}

/// How often two CLIs may get in each other's way.
const ROUNDS: usize = 10;

impl Node {
    /// The node of this name, if the host has it, running or not.
    ///
    /// # Errors
    /// If the engine does not answer, or the name belongs to a container that is not wharf's.
    pub async fn find(host: &Host, name: &str) -> Result<Option<Self>, Error> {
        let told = match host.client.inspect_container(name, None).await {
            Ok(told) => told,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(about(&containers::named(name), error).into()),
        };
        let env = told.config.as_ref().and_then(|c| c.env.clone()).unwrap_or_default();
        let container = inspect::container(told, name);
        let ours = container.labels.get(NODE_LABEL).is_some_and(|of| of == name) && container.name == name;
        match Settings::from_pairs(&env) {
            Ok(settings) if ours && settings.node == name => Ok(Some(Self { host: host.clone(), settings, container })),
            _ => Err(Error::Taken(format!("the host has a container \"{name}\" that is not a node of wharf"))),
        }
    }

    /// Makes sure that the node is there as it should be and runs, without waiting for its agent. Several CLIs may do
    /// this at once: Docker lets only one of them create each thing, and the others look again.
    ///
    /// # Errors
    /// If the engine refuses, or a name or subnet belongs to something else.
    pub async fn ensure(host: &Host, options: &UpOptions) -> Result<Self, Error> {
        check_name(&options.node)?;
        // Nothing that one of them does matters to the others, and all three are mostly waiting.
        let image = image::ensure(host, options.image.as_deref());
        let network = network::ensure(host, &options.node, options.subnet);
        let (mut image, mut subnet, mut found) = tokio::try_join!(image, network, Self::find(host, &options.node))?;
        let mut before = None;
        for round in 0..ROUNDS {
            if round > 0 {
                subnet = network::ensure(host, &options.node, options.subnet).await?;
                found = Self::find(host, &options.node).await?;
            }
            if let Some(node) = found.take() {
                if node.settings == options.settings(&image, subnet, Some(&node.settings)) {
                    let Some(node) = node.started().await? else { continue };
                    if before.is_some() {
                        image::remove_unused(&host.client).await?;
                    }
                    return Ok(node);
                }
                // By its id: another CLI may have put a new one in its place by now.
                containers::remove(&host.client, &node.container.id).await?;
                before = Some(node.settings);
            }
            match Self::create(host, &options.settings(&image, subnet, before.as_ref())).await {
                Ok(()) | Err(Error::Engine(runtime::Error::Conflict(_))) => {}
                // Another CLI took the image down with its node.
                Err(Error::Engine(runtime::Error::Image(_))) => {
                    image = image::ensure(host, options.image.as_deref()).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::Taken(format!("the node \"{}\" is being changed by another wharf", options.node)))
    }

    async fn create(host: &Host, settings: &Settings) -> Result<(), Error> {
        let name = &settings.node;
        let ranges = Ranges::of(settings.subnet).map_err(Error::Settings)?;
        let volume = VolumeSpec { name: Engine::state_volume(name), driver: "local".to_owned(), ..Default::default() };
        volumes::create(&host.client, name, &volume).await?;
        let body = container::body(settings, &ranges, &socket(&host.endpoint), host.knows(44));
        let options = CreateContainerOptionsBuilder::new().name(name).build();
        let created = host.client.create_container(Some(options), body).await;
        created.map_err(|e| about(&containers::named(name), e))?;
        Ok(())
    }

    /// Starts the node container where it does not run; the node as it is then.
    async fn started(self) -> Result<Option<Self>, Error> {
        if self.is_running() {
            return Ok(Some(self));
        }
        let started = self.host.client.start_container(&self.container.id, None).await;
        match started.map_err(|e| about(&containers::named(self.name()), e)) {
            // Another CLI put a new one in its place.
            Err(runtime::Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error.into()),
            Ok(()) => Self::find(&self.host, self.name()).await,
        }
    }

    /// Whether its container runs.
    pub fn is_running(&self) -> bool {
        matches!(self.container.state, State::Running { .. })
    }

    /// Whether both are one container.
    pub fn is_same(&self, other: &Self) -> bool {
        self.container.id == other.container.id
    }

    /// The node's name.
    pub fn name(&self) -> &str {
        &self.settings.node
    }

    /// What it was brought up with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

/// The engine's socket on the Docker host. A local socket under `/run` is the engine's own, also of a rootless one; one
/// in a home directory is a way into a virtual machine (Docker Desktop, Colima), where the engine's is the usual one.
fn socket(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Unix(path) if path.starts_with("/run") || path.starts_with("/var/run") => path.display().to_string(),
        _ => "/var/run/docker.sock".to_owned(),
    }
}

/// The name is that of a container, a network and a host, part of many others, and of the Node in the API.
fn check_name(name: &str) -> Result<(), Error> {
    let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (2..=40).contains(&name.len()) && name.chars().all(fit) && !name.starts_with('-') && !name.ends_with('-') {
        return Ok(());
    }
    Err(Error::Settings(format!(
        "the node's name \"{name}\" must be 2 to 40 lower-case letters, digits and hyphens, with no hyphen at an end"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_docker_or_dns_would_refuse_are_refused_first() {
        let fit = |name: &str| check_name(name).is_ok();
        assert!(fit("wharf") && fit("ci-7"));
        assert!(!["a", "A-b", "-ab", "ab-", "a.b", "a=b", &"a".repeat(41)].into_iter().any(fit));
    }

    #[test]
    fn the_engines_socket_is_a_path_on_the_docker_host() {
        let at = |path: &str| socket(&Endpoint::Unix(path.into()));
        assert_eq!(at("/run/user/1000/docker.sock"), "/run/user/1000/docker.sock");
        assert_eq!(at("/home/me/.docker/desktop/docker.sock"), "/var/run/docker.sock");
        let far = Endpoint::Tcp { address: "far:2375".to_owned(), certificates: None };
        assert_eq!(socket(&far), "/var/run/docker.sock");
    }
}
