//! What a claim is bound to, as the engine mounts it.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    CSIPersistentVolumeSource, HostPathVolumeSource, NFSVolumeSource, PersistentVolume, PersistentVolumeClaim,
};

use super::volume::{Missing, Prepare};
use crate::api::names::{self, NODE_LABEL, VOLUME_LABEL};
use crate::api::{Object, View};
use crate::kubelet::runtime::{Source, VolumeSpec};

/// The CSI driver name of volumes that are Docker volumes; the handle is the volume's name, the attributes are its
/// `driver` and that driver's options.
pub const DOCKER_VOLUME_DRIVER: &str = "wharf.dev/docker-volume";

/// What is mounted, whether it can only be read, and what must be there before.
pub type Found = (Source, bool, Prepare);

/// What the claim is bound to.
pub fn claim(view: &View, namespace: &str, name: &str, node: &str) -> Result<Found, Missing> {
    let missing = |kind, name: &str| Missing::Object { kind, name: name.to_owned() };
    let claim = view.get::<PersistentVolumeClaim>(namespace, name);
    let claim = claim.ok_or_else(|| missing("persistentvolumeclaim", name))?;
    let bound = claim.status.as_ref().and_then(|s| s.phase.as_deref()) == Some("Bound");
    let volume = claim.spec.as_ref().and_then(|s| s.volume_name.as_deref()).filter(|_| bound);
    let volume = volume.ok_or_else(|| Missing::Unbound(name.to_owned()))?;
    let volume = view.get::<PersistentVolume>("", volume).ok_or_else(|| missing("persistentvolume", volume))?;
    let unsupported = |what| Missing::Unsupported(format!("persistentvolume \"{}\" {what}", volume.name()));
    let spec = volume.spec.as_ref().ok_or_else(|| unsupported("has no spec"))?;
    if spec.volume_mode.as_deref() == Some("Block") {
        return Err(unsupported("is a block device, which wharf does not mount"));
    }
    let mount_options = spec.mount_options.as_deref().unwrap_or_default();
    if let Some(csi) = &spec.csi {
        if csi.driver != DOCKER_VOLUME_DRIVER {
            return Err(unsupported("needs a CSI driver that wharf does not have"));
        }
        return Ok(docker_volume(volume.name(), csi, mount_options, node));
    }
    if let Some(path) = &spec.host_path {
        return Ok((host_path(path), false, Prepare::Nothing));
    }
    if let Some(local) = &spec.local {
        return Ok((Source::Host(local.path.clone()), false, Prepare::Nothing));
    }
    let nfs = spec.nfs.as_ref().ok_or_else(|| unsupported("is of a type that wharf does not mount"))?;
    Ok(self::nfs(nfs, mount_options, node))
}

fn docker_volume(volume: &str, csi: &CSIPersistentVolumeSource, mount_options: &[String], node: &str) -> Found {
    let mut options = csi.volume_attributes.clone().unwrap_or_default();
    if !mount_options.is_empty() {
        let all = options.remove("o").into_iter().chain(mount_options.iter().cloned());
        options.insert("o".to_owned(), all.collect::<Vec<_>>().join(","));
    }
    let driver = options.remove("driver").unwrap_or_else(|| "local".to_owned());
    let mut labels = label(node);
    labels.insert(VOLUME_LABEL.to_owned(), volume.to_owned());
    let spec = VolumeSpec { name: csi.volume_handle.clone(), driver, options, labels };
    (Source::Volume(csi.volume_handle.clone()), csi.read_only.unwrap_or(false), Prepare::Volume(spec))
}

/// A path on the Docker host. The agent can't see the host's files: of the type, only that the path exists is held to
/// (for `Directory`, `File`, `FileOrCreate`, `Socket` and the devices), by the engine when it mounts; with no type or
/// `DirectoryOrCreate` the engine makes a missing directory.
/// <https://kubernetes.io/docs/concepts/storage/volumes/#hostpath>
pub fn host_path(wanted: &HostPathVolumeSource) -> Source {
    match wanted.type_.as_deref().unwrap_or_default() {
        "" | "DirectoryOrCreate" => Source::HostDirectory(wanted.path.clone()),
        _ => Source::Host(wanted.path.clone()),
    }
}

/// An NFS export as a Docker volume, one for all pods that mount it alike.
/// <https://docs.docker.com/reference/cli/docker/volume/create/#opt>
pub fn nfs(wanted: &NFSVolumeSource, mount_options: &[String], node: &str) -> Found {
    let read_only = wanted.read_only.unwrap_or(false);
    let mut o = vec![format!("addr={}", wanted.server), if read_only { "ro" } else { "rw" }.to_owned()];
    o.extend_from_slice(mount_options);
    let options = [("type", "nfs".to_owned()), ("device", format!(":{}", wanted.path)), ("o", o.join(","))];
    let options: BTreeMap<_, _> = options.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let name = format!("{node}.nfs.{}", names::hash(&options));
    let spec = VolumeSpec { name: name.clone(), driver: "local".to_owned(), options, labels: label(node) };
    (Source::Volume(name), read_only, Prepare::Volume(spec))
}

fn label(node: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(NODE_LABEL.to_owned(), node.to_owned())])
}
