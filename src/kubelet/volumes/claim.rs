//! What a claim is bound to, as the engine mounts it.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    CSIPersistentVolumeSource, NFSVolumeSource, PersistentVolume, PersistentVolumeClaim, Pod,
};

use super::source::{Found, host_path};
use super::volume::Prepare;
use crate::api::names::{self, NODE_LABEL, VOLUME_LABEL};
use crate::api::{Object, View};
use crate::kubelet::missing::Missing;
use crate::kubelet::runtime::{Source, VolumeSpec};

/// The CSI driver name of volumes that are Docker volumes; the handle is the volume's name, the attributes are its
/// `driver` and that driver's options.
pub const DOCKER_VOLUME_DRIVER: &str = "wharf.dev/docker-volume";
/// Volumes whose server decides whose files are whose.
const FOREIGN: [&str; 4] = ["nfs", "nfs4", "cifs", "smb3"];

/// What the claim is bound to.
pub fn claim(view: &View, namespace: &str, name: &str, node: &str) -> Result<Found, Missing> {
    let missing = |kind, name: &str| Missing::Object { kind, name: name.to_owned() };
    let claim = view.get::<PersistentVolumeClaim>(namespace, name);
    let claim = claim.ok_or_else(|| missing("persistentvolumeclaim", name))?;
    if claim.is_deleting() && !is_bound(claim) {
        return Err(Missing::Unsupported(format!("persistentvolumeclaim \"{name}\" is being deleted")));
    }
    let volume = claim.spec.as_ref().and_then(|s| s.volume_name.as_deref()).filter(|_| is_bound(claim));
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
    if let Some(wanted) = &spec.host_path {
        return Ok(host_path(&wanted.path, wanted.type_.as_deref()));
    }
    if let Some(local) = &spec.local {
        let source = Source::Host(local.path.clone());
        return Ok(Found { ownable: true, ..Found::new(source, Prepare::Nothing) });
    }
    let nfs = spec.nfs.as_ref().ok_or_else(|| unsupported("is of a type that wharf does not mount"))?;
    Ok(self::nfs(nfs, mount_options, node))
}

fn is_bound(claim: &PersistentVolumeClaim) -> bool {
    claim.status.as_ref().and_then(|s| s.phase.as_deref()) == Some("Bound")
}

fn docker_volume(volume: &str, csi: &CSIPersistentVolumeSource, mount_options: &[String], node: &str) -> Found {
    let mut options = csi.volume_attributes.clone().unwrap_or_default();
    if !mount_options.is_empty() {
        let all = options.remove("o").into_iter().chain(mount_options.iter().cloned());
        options.insert("o".to_owned(), all.collect::<Vec<_>>().join(","));
    }
    let ownable = !options.get("type").is_some_and(|t| FOREIGN.contains(&t.as_str()));
    let driver = options.remove("driver").unwrap_or_else(|| "local".to_owned());
    let mut labels = label(node);
    labels.insert(VOLUME_LABEL.to_owned(), volume.to_owned());
    let spec = VolumeSpec { name: csi.volume_handle.clone(), driver, options, labels };
    let found = Found::new(Source::Volume(csi.volume_handle.clone()), Prepare::Volume(spec));
    Found { read_only: csi.read_only.unwrap_or(false), ownable, ..found }
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
    Found { read_only, ..Found::new(Source::Volume(name), Prepare::Volume(spec)) }
}

fn label(node: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(NODE_LABEL.to_owned(), node.to_owned())])
}

/// The claim of an ephemeral volume must be the pod's own: one that is there by chance may have anybody's data.
pub fn check_owner(view: &View, pod: &Pod, volume: &str) -> Result<(), Missing> {
    let name = names::ephemeral_claim(pod.name(), volume);
    let Some(claim) = view.get::<PersistentVolumeClaim>(pod.namespace(), &name) else { return Ok(()) };
    let owners = claim.metadata.owner_references.iter().flatten();
    let owned = owners.filter(|o| o.controller == Some(true)).any(|o| o.uid == pod.uid());
    let (namespace, pod) = (pod.namespace(), pod.name());
    let message = format!("PVC {namespace}/{name} was not created for pod {namespace}/{pod} (pod is not owner)");
    if owned { Ok(()) } else { Err(Missing::Unsupported(message)) }
}
