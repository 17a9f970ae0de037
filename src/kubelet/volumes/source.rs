//! Decides what a volume of a pod is on the Docker host, by its type.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, Pod, Volume};

use super::claim::{self, claim};
use super::files::{self, Wanted};
use super::order::{Demand, Files, HostPathType};
use super::translate::Given;
use super::volume::Prepare;
use super::{downward, projected};
use crate::api::names::{self, IMAGE_LABEL, NODE_LABEL, container};
use crate::api::{Object, View, quantity};
use crate::kubelet::missing::Missing;
use crate::kubelet::runtime::{Source, VolumeSpec};

/// What a volume is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What is mounted.
    pub source: Source,
    /// Whether it can only be read.
    pub read_only: bool,
    /// What must be there before.
    pub prepare: Prepare,
    /// The files that it has.
    pub files: Option<Files>,
    /// What a path of the host must be.
    pub demand: Option<Demand>,
    /// Whether the pod's group gets it.
    pub ownable: bool,
}

impl Found {
    /// What can be written and belongs to whom it belongs.
    pub fn new(source: Source, prepare: Prepare) -> Self {
        Self { source, read_only: false, prepare, files: None, demand: None, ownable: false }
    }
}

/// What the volume of the pod is. <https://kubernetes.io/docs/concepts/storage/volumes/>
///
/// # Errors
/// If an object that it needs is not there, a claim is not bound, or wharf has no such volumes.
pub fn found(view: &View, pod: &Pod, volume: &Volume, given: &Given) -> Result<Found, Missing> {
    let (name, node) = (&volume.name, given.node);
    let keys = |name, items, mode, optional| Wanted { namespace: pod.namespace(), name, items, mode, optional };
    if let Some(wanted) = &volume.config_map {
        let keys = keys(&wanted.name, wanted.items.as_deref(), wanted.default_mode, wanted.optional);
        return Ok(on_disk(pod, name, files::config_map(view, keys)?));
    }
    if let Some(wanted) = &volume.downward_api {
        let items = wanted.items.as_deref().unwrap_or_default();
        return Ok(on_disk(pod, name, downward::files(view, pod, node, items, wanted.default_mode)?));
    }
    if let Some(wanted) = &volume.secret {
        let object = wanted.secret_name.as_deref().unwrap_or_default();
        let keys = keys(object, wanted.items.as_deref(), wanted.default_mode, wanted.optional);
        return Ok(memory(pod, name, node, None, Some(files::secret(view, keys)?)));
    }
    if let Some(wanted) = &volume.projected {
        let files = projected::files(view, pod, node, given.tokens, wanted)?;
        let secret = projected::is_secret(wanted);
        return Ok(if secret { memory(pod, name, node, None, Some(files)) } else { on_disk(pod, name, files) });
    }
    if let Some(wanted) = &volume.empty_dir {
        return empty_dir(pod, name, node, wanted);
    }
    if let Some(wanted) = &volume.host_path {
        return Ok(host_path(&wanted.path, wanted.type_.as_deref()));
    }
    if let Some(wanted) = &volume.persistent_volume_claim {
        let found = claim(view, pod.namespace(), &wanted.claim_name, node)?;
        let read_only = found.read_only || wanted.read_only.unwrap_or(false);
        return Ok(Found { read_only, ..found });
    }
    if volume.ephemeral.is_some() {
        claim::check_owner(view, pod, name)?;
        return claim(view, pod.namespace(), &names::ephemeral_claim(pod.name(), name), node);
    }
    if volume.image.is_some() {
        let waits = || Missing::Unsupported("its image is not here yet".to_owned());
        return Ok(image(node, given.images.get(name).ok_or_else(waits)?));
    }
    if let Some(wanted) = &volume.nfs {
        return Ok(claim::nfs(wanted, &[], node));
    }
    Err(Missing::Unsupported("it is of a type that wharf does not have".to_owned()))
}

fn empty_dir(pod: &Pod, name: &str, node: &str, wanted: &EmptyDirVolumeSource) -> Result<Found, Missing> {
    match wanted.medium.as_deref().unwrap_or_default() {
        "" => {
            let path = path(pod, name);
            let prepare = Prepare::Directory { path: path.clone(), mode: 0o777 };
            Ok(Found { ownable: true, ..Found::new(Source::State(path), prepare) })
        }
        "Memory" => {
            let size = wanted.size_limit.as_ref().map(|limit| quantity::units(&limit.0)).transpose();
            Ok(memory(pod, name, node, size.map_err(Missing::Unsupported)?, None))
        }
        other => Err(Missing::Unsupported(format!("medium {other} is not supported"))),
    }
}

/// Where a pod's volume is under the state volume.
fn path(pod: &Pod, volume: &str) -> String {
    format!("pods/{}/volumes/{volume}", pod.uid())
}

/// Files that are no secret.
fn on_disk(pod: &Pod, volume: &str, files: Files) -> Found {
    let path = path(pod, volume);
    let found = Found::new(Source::State(path.clone()), Prepare::Files { path });
    Found { read_only: true, files: Some(files), ownable: true, ..found }
}

/// A volume in memory, named and labelled for its pod: what must never reach a disk, secrets above all.
fn memory(pod: &Pod, volume: &str, node: &str, size: Option<i64>, files: Option<Files>) -> Found {
    let uid8: String = pod.uid().chars().take(8).collect();
    let name = format!("{node}.{}.{}.{volume}.{uid8}", pod.namespace(), pod.name());
    let mode = if files.is_some() { "mode=0755" } else { "mode=0777" };
    let o = size.map_or_else(|| mode.to_owned(), |bytes| format!("{mode},size={bytes}"));
    let options = [("type", "tmpfs".to_owned()), ("device", "tmpfs".to_owned()), ("o", o)];
    let labels = [(NODE_LABEL, node), (container::UID, pod.uid())];
    let spec = VolumeSpec {
        name: name.clone(),
        driver: "local".to_owned(),
        options: options.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        labels: BTreeMap::from(labels.map(|(key, value)| (key.to_owned(), value.to_owned()))),
    };
    let found = Found::new(Source::Volume(name), Prepare::Memory(spec));
    Found { read_only: files.is_some(), files, ownable: true, ..found }
}

/// A copy of an image, one for all pods that mount it.
/// <https://kubernetes.io/docs/concepts/storage/volumes/#image>
fn image(node: &str, id: &str) -> Found {
    let name = image_volume(node, id);
    let labels = [(NODE_LABEL, node), (IMAGE_LABEL, id)].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let spec = VolumeSpec { name: name.clone(), driver: "local".to_owned(), options: BTreeMap::new(), labels };
    let prepare = Prepare::Image { id: id.to_owned(), spec };
    Found { read_only: true, ..Found::new(Source::Volume(name), prepare) }
}

/// The name of the copy of an image; without an id, what all such names begin with.
#[must_use]
pub fn image_volume(node: &str, id: &str) -> String {
    format!("{node}.image.{}", id.trim_start_matches("sha256:").chars().take(12).collect::<String>())
}

/// A path on the Docker host. The engine makes a missing directory where that is wanted; what else a path must be, the
/// sandbox sees, which has it mounted.
/// <https://kubernetes.io/docs/concepts/storage/volumes/#hostpath>
pub fn host_path(path: &str, wanted: Option<&str>) -> Found {
    let kind = match wanted.unwrap_or_default() {
        "Directory" => HostPathType::Directory,
        "File" => HostPathType::File,
        "FileOrCreate" => HostPathType::FileOrCreate,
        "Socket" => HostPathType::Socket,
        "CharDevice" => HostPathType::CharDevice,
        "BlockDevice" => HostPathType::BlockDevice,
        _ => return Found::new(Source::HostDirectory(path.to_owned()), Prepare::Nothing),
    };
    let demand = Some(Demand { path: path.to_owned(), kind });
    Found { demand, ..Found::new(Source::Host(path.to_owned()), Prepare::Nothing) }
}
