//! What is to be done inside a volume: plain data that the agent carries out itself, or hands to the sandbox.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use k8s_openapi::ByteString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What is to be done inside a volume before containers mount it. The default is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What is in it, swapped as one when it changes; `None` for what is the containers' own.
    pub files: Option<Files>,
    /// The directories to make in it, as containers mount them.
    pub parts: BTreeSet<String>,
    /// Whose group it is to be.
    pub owner: Option<Owner>,
    /// What it must be.
    pub demand: Option<Demand>,
}

impl Order {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// The group that may use a volume. <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-the-security-context-for-a-pod>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The group's number.
    pub group: u32,
    /// Whether all that is inside is looked at even if the volume itself is as it should be.
    pub always: bool,
    /// Whether the group may only read.
    pub read_only: bool,
}

/// What a path of the Docker host must be. <https://kubernetes.io/docs/concepts/storage/volumes/#hostpath-volume-types>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// The path, for the message.
    pub path: String,
    /// What is there.
    pub kind: HostPathType,
}

/// The types of host paths that are checked; `DirectoryOrCreate` is the engine's to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostPathType {
    /// A directory.
    Directory,
    /// A regular file.
    File,
    /// A regular file in the directory that is mounted, made if nothing is there.
    FileOrCreate,
    /// A Unix socket.
    Socket,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
}

impl fmt::Display for Demand {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let kind = match self.kind {
            HostPathType::Directory => "a directory",
            HostPathType::File | HostPathType::FileOrCreate => "a file",
            HostPathType::Socket => "a socket file",
            HostPathType::CharDevice => "a character device",
            HostPathType::BlockDevice => "a block device",
        };
        write!(f, "hostPath type check failed: {} is not {kind}", self.path)
    }
}

/// Files by their path in the volume.
pub type Files = BTreeMap<String, File>;

/// A file of a volume. Its content may be secret and is not shown by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its permissions.
    pub mode: u32,
    /// Its owner, where that is not root.
    pub user: Option<u32>,
    /// Its content.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub bytes: Vec<u8>,
}

fn to_base64<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    ByteString(bytes.to_vec()).serialize(to)
}

fn from_base64<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    ByteString::deserialize(from).map(|ByteString(bytes)| bytes)
}

impl File {
    /// A file of root's.
    #[must_use]
    pub fn new(mode: u32, bytes: impl Into<Vec<u8>>) -> Self {
        Self { mode, user: None, bytes: bytes.into() }
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let user = self.user.map(|user| format!("user {user}, ")).unwrap_or_default();
        write!(f, "{:04o}, {user}{} bytes", self.mode, self.bytes.len())
    }
}
