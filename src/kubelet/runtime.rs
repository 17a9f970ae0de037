//! What the kubelet needs of a container engine. `docker` implements it; tests have a fake.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

pub use super::about::About;
pub use super::images::Credentials;
pub use super::limits::Limits;
pub use super::program::{AttachSpec, Chunk, Exec, ExecSpec};
use crate::api::Timestamp;
pub use crate::client::{Duplex, Flow, Later};

/// Why the engine did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The image is not on the host, or the registry does not have it or does not let us.
    #[error("{0}")]
    Image(String),
    /// No such container or volume.
    #[error("{0}")]
    NotFound(String),
    /// A name or a host port is in use.
    #[error("{0}")]
    Conflict(String),
    /// The engine refused: a bad mount, a missing command, a full disk; its own words.
    #[error("{0}")]
    Refused(String),
    /// The engine can't be reached.
    #[error("the Docker engine does not answer")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A container as the engine has it. Sandboxes are containers too.
#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    /// The engine's id.
    pub id: String,
    /// The name, without a leading slash.
    pub name: String,
    /// All labels.
    pub labels: BTreeMap<String, String>,
    /// The image as it was asked for.
    pub image: String,
    /// The id of the image it runs, `sha256:…`.
    pub image_id: String,
    /// Where it is in its life.
    pub state: State,
    /// When it was created.
    pub created: Timestamp,
    /// What it has of processors and memory.
    pub limits: Limits,
    /// Its address in the node's network; `None` where it joins another container's network or has none.
    pub address: Option<Ipv4Addr>,
}

/// Where a container is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Created, never started.
    Created,
    /// Running since `started`.
    Running {
        /// When it was started.
        started: Timestamp,
    },
    /// Ended.
    Exited {
        /// When it was started, if it was.
        started: Option<Timestamp>,
        /// When it ended.
        finished: Timestamp,
        /// The exit code.
        code: i64,
        /// Whether the kernel ended it for want of memory.
        oom: bool,
        /// The engine's error, where it could not start; `started` is `None` then.
        error: String,
    },
}

/// A container to create: a plain description, whatever the engine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContainerSpec {
    /// The name; unique on the host.
    pub name: String,
    /// The image.
    pub image: String,
    /// Replaces the image's entrypoint.
    pub entrypoint: Option<Vec<String>>,
    /// Replaces the image's arguments.
    pub args: Option<Vec<String>>,
    /// The environment, in order.
    pub env: Vec<(String, String)>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// The working directory.
    pub working_dir: Option<String>,
    /// `uid[:gid]`.
    pub user: Option<String>,
    /// Supplementary groups.
    pub groups: Vec<i64>,
    /// What is mounted.
    pub mounts: Vec<Mount>,
    /// The network it lives in.
    pub network: Network,
    /// Name servers, search domains and options, for sandboxes.
    pub dns: Dns,
    /// Entries of `/etc/hosts`: address and names.
    pub hosts: Vec<(String, String)>,
    /// The host name, for sandboxes.
    pub hostname: Option<String>,
    /// The domain that the host name is in, for sandboxes.
    pub domain: Option<String>,
    /// Ports published on the host, for sandboxes.
    pub ports: Vec<Port>,
    /// Limits and shares.
    pub resources: Resources,
    /// Rights.
    pub security: Security,
    /// Kernel parameters, for sandboxes.
    pub sysctls: BTreeMap<String, String>,
    /// Whose shared memory it sees.
    pub ipc: Share,
    /// Whose processes it sees.
    pub pid: Share,
    /// The engine's runtime, if not its usual one.
    pub runtime: Option<String>,
    /// The signal that asks it to end, where it is not the image's.
    pub stop_signal: Option<String>,
    /// Keeps standard input open.
    pub stdin: bool,
    /// Closes it when the first who attached to it has gone.
    pub stdin_once: bool,
    /// Gives it a terminal.
    pub tty: bool,
}

/// The network a container lives in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// None but a loopback.
    #[default]
    None,
    /// The node's network, with this address.
    Node(Ipv4Addr),
    /// Another container's.
    Of(String),
    /// The host's.
    Host,
}

/// Whose namespace of a sort a container is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Share {
    /// Its own, which others may join.
    #[default]
    Own,
    /// Another container's.
    Of(String),
    /// The host's.
    Host,
}

/// Resolver settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dns {
    /// Addresses of name servers.
    pub servers: Vec<String>,
    /// The search list.
    pub search: Vec<String>,
    /// Options such as `ndots:5`.
    pub options: Vec<String>,
}

/// A port published on the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The host's address; empty for the default.
    pub host_ip: String,
    /// The host's port.
    pub host: u16,
    /// The container's port.
    pub container: u16,
    /// `tcp` or `udp`.
    pub protocol: String,
}

/// What is mounted where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// What.
    pub source: Source,
    /// Where in the container.
    pub target: String,
    /// Whether it can't be written.
    pub read_only: bool,
    /// `rprivate`, `rslave` or `rshared`, for binds.
    pub propagation: Option<String>,
}

/// What is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A path on the Docker host, which must exist.
    Host(String),
    /// A directory on the Docker host, which the engine makes if it is missing.
    HostDirectory(String),
    /// A named volume.
    Volume(String),
    /// A path inside a named volume that a running container holds: bound by the volume's mount point on the Docker host,
    /// as the engine's own option for it needs API 1.45.
    VolumePath(String, String),
    /// A path under the node's state volume, such as `pods/UID/volumes/config`. The engine knows where that volume is
    /// on the Docker host.
    State(String),
}

/// Limits and shares. <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// Those that can change while the container runs.
    pub limits: Limits,
    /// The inclination to be ended when memory is short, −1000 to 1000.
    pub oom_score_adj: Option<i64>,
}

/// Rights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Security {
    /// All rights of the host's root.
    pub privileged: bool,
    /// Capabilities added to the engine's default set.
    pub cap_add: Vec<String>,
    /// Capabilities dropped from it; `ALL` drops it whole.
    pub cap_drop: Vec<String>,
    /// The root file system can't be written.
    pub read_only_root: bool,
    /// `/proc` is whole: nothing in it is hidden or read-only.
    pub unmasked: bool,
    /// Engine security options, such as `no-new-privileges`, `seccomp=unconfined`.
    pub options: Vec<String>,
}

/// A volume to create.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VolumeSpec {
    /// The name; unique on the host.
    pub name: String,
    /// The driver; `local` is Docker's own.
    pub driver: String,
    /// The driver's options, such as `type=tmpfs`.
    pub options: BTreeMap<String, String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

/// What the kubelet must know of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The engine's id, `sha256:…`.
    pub id: String,
    /// The user it runs as, as written in it.
    pub user: String,
    /// Its own environment.
    pub env: Vec<(String, String)>,
    /// Its size in bytes.
    pub size: u64,
}

/// What the engine tells as it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `start`, `die`, `oom`, `destroy`, …
    pub action: String,
    /// The container's labels.
    pub labels: BTreeMap<String, String>,
}

/// Which part of a container's log. <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// Go on as it grows.
    pub follow: bool,
    /// Only so many lines from the end.
    pub tail: Option<u64>,
    /// Only what came after this.
    pub since: Option<Timestamp>,
    /// Put the time before each line.
    pub timestamps: bool,
}

/// A container's counters at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// When they were read.
    pub at: Timestamp,
    /// The time that it has used of all cores, in nanoseconds.
    pub cpu: u64,
    /// Its working set in bytes.
    pub memory: u64,
}

/// How far a pull is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PullProgress {
    /// Bytes that are here.
    pub done: u64,
    /// Bytes in all, as far as known.
    pub total: u64,
}

/// A container engine, as one node uses it. All objects that it makes carry the node's label.
pub trait Runtime: Send + Sync {
    /// What the engine says of itself.
    fn about(&self) -> Later<'_, Result<About, Error>>;
    /// All containers of pods of this node, running or not; the node's own container is not among them.
    fn containers(&self) -> Later<'_, Result<Vec<Container>, Error>>;
    /// One container.
    fn inspect<'a>(&'a self, id: &'a str) -> Later<'a, Result<Container, Error>>;
    /// Creates a container and returns its id.
    fn create<'a>(&'a self, spec: &'a ContainerSpec) -> Later<'a, Result<String, Error>>;
    /// Starts it.
    fn start<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Error>>;
    /// Asks it to end and ends it after `grace` seconds; returns when it has ended.
    fn stop<'a>(&'a self, id: &'a str, grace: i64) -> Later<'a, Result<(), Error>>;
    /// Gives a container, running or not, other limits.
    fn resize<'a>(&'a self, id: &'a str, limits: &'a Limits) -> Later<'a, Result<(), Error>>;
    /// Removes it, running or not, with its anonymous volumes. It is no error if it is gone.
    fn remove<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Error>>;
    /// What the host has under this name, if anything.
    fn image<'a>(&'a self, name: &'a str) -> Later<'a, Result<Option<Image>, Error>>;
    /// Pulls an image, telling how far it is. The error of a registry has nothing but its words.
    fn pull<'a>(
        &'a self,
        name: &'a str,
        credentials: Option<&'a Credentials>,
        told: &'a (dyn Fn(PullProgress) + Send + Sync),
    ) -> Later<'a, Result<(), Error>>;
    /// Runs a program in a running container.
    fn exec<'a>(&'a self, id: &'a str, spec: &'a ExecSpec) -> Later<'a, Result<Exec, Error>>;
    /// The exit code of a program that was run; `None` while it runs.
    fn exec_code<'a>(&'a self, exec: &'a str) -> Later<'a, Result<Option<i64>, Error>>;
    /// Sets the size of a program's terminal, in characters.
    fn exec_resize<'a>(&'a self, exec: &'a str, width: u16, height: u16) -> Later<'a, Result<(), Error>>;
    /// The standard streams of a running container's first process, from now on; letting go of them leaves it as it is.
    /// The id of what is returned is the container's.
    fn attach<'a>(&'a self, id: &'a str, spec: AttachSpec) -> Later<'a, Result<Exec, Error>>;
    /// Sets the size of a container's terminal, in characters.
    fn attach_resize<'a>(&'a self, id: &'a str, width: u16, height: u16) -> Later<'a, Result<(), Error>>;
    /// A container's log.
    fn logs<'a>(&'a self, id: &'a str, options: &'a LogOptions)
    -> Later<'a, Result<Flow<Result<Chunk, Error>>, Error>>;
    /// What a running container has used.
    fn usage<'a>(&'a self, id: &'a str) -> Later<'a, Result<Reading, Error>>;
    /// What happens to the node's containers from now on.
    fn events(&self) -> Later<'_, Result<Flow<Result<Event, Error>>, Error>>;
    /// Makes a volume; it is no error if it is there.
    fn create_volume<'a>(&'a self, spec: &'a VolumeSpec) -> Later<'a, Result<(), Error>>;
    /// Makes a volume with what is in an image; it is no error if it is there.
    fn copy_image<'a>(&'a self, image: &'a str, spec: &'a VolumeSpec) -> Later<'a, Result<(), Error>>;
    /// Removes a volume; it is no error if it is gone.
    fn remove_volume<'a>(&'a self, name: &'a str) -> Later<'a, Result<(), Error>>;
    /// The names of the node's volumes, but for the state volume.
    fn volumes(&self) -> Later<'_, Result<Vec<String>, Error>>;
}
