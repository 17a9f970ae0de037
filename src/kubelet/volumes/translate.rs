//! Decides what each volume of a pod is on the Docker host.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, Pod, PodSpec, Volume};

use super::claim::{self, Found, claim};
use super::files;
use super::volume::{Files, Missing, PodVolume, Prepare, inside};
use crate::api::names::{NODE_LABEL, container};
use crate::api::{Object, View, quantity};
use crate::kubelet::runtime::{Source, VolumeSpec};

/// The pod's volumes, in the manifest's order. <https://kubernetes.io/docs/concepts/storage/volumes/>
///
/// # Errors
/// If an object that a volume needs is not there, a claim is not bound, or wharf has no such volumes.
pub fn translate(view: &View, pod: &Pod, node: &str) -> Result<Vec<PodVolume>, Missing> {
    let Some(spec) = &pod.spec else { return Ok(Vec::new()) };
    let pod_volume = |volume: &Volume| {
        let (source, read_only, prepare) = found(view, pod, volume, node)?;
        let sub_paths = sub_paths(spec, &volume.name)?;
        Ok(PodVolume { name: volume.name.clone(), source, read_only, prepare, sub_paths })
    };
    spec.volumes.iter().flatten().map(pod_volume).collect()
}

fn found(view: &View, pod: &Pod, volume: &Volume, node: &str) -> Result<Found, Missing> {
    let path = format!("pods/{}/volumes/{}", pod.uid(), volume.name);
    if let Some(wanted) = &volume.config_map {
        let files = files::config_map(view, pod.namespace(), wanted)?;
        return Ok((Source::State(path.clone()), true, Prepare::Files { path, files }));
    }
    if let Some(wanted) = &volume.secret {
        let files = files::secret(view, pod.namespace(), wanted)?;
        return Ok(memory(pod, &volume.name, node, None, Some(files)));
    }
    if let Some(wanted) = &volume.empty_dir {
        return empty_dir(pod, &volume.name, node, wanted, path);
    }
    if let Some(wanted) = &volume.host_path {
        return Ok((claim::host_path(wanted), false, Prepare::Nothing));
    }
    if let Some(wanted) = &volume.persistent_volume_claim {
        let (source, read_only, prepare) = claim(view, pod.namespace(), &wanted.claim_name, node)?;
        return Ok((source, read_only || wanted.read_only.unwrap_or(false), prepare));
    }
    if let Some(wanted) = &volume.nfs {
        return Ok(claim::nfs(wanted, &[], node));
    }
    Err(Missing::Unsupported(format!("volume \"{}\" is of a type that wharf does not have", volume.name)))
}

fn empty_dir(pod: &Pod, name: &str, node: &str, wanted: &EmptyDirVolumeSource, path: String) -> Result<Found, Missing> {
    match wanted.medium.as_deref().unwrap_or_default() {
        "" => Ok((Source::State(path.clone()), false, Prepare::Directory { path, mode: 0o777 })),
        "Memory" => {
            let size = wanted.size_limit.as_ref().map(|limit| quantity::units(&limit.0)).transpose();
            Ok(memory(pod, name, node, size.map_err(Missing::Unsupported)?, None))
        }
        other => Err(Missing::Unsupported(format!("volume \"{name}\": medium {other} is not supported"))),
    }
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
    (Source::Volume(name), files.is_some(), Prepare::Memory { spec, files })
}

/// The paths inside a volume that the pod's containers mount.
fn sub_paths(spec: &PodSpec, volume: &str) -> Result<BTreeSet<String>, Missing> {
    let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    let mounts = containers.flat_map(|c| c.volume_mounts.iter().flatten()).filter(|m| m.name == volume);
    let paths = mounts.filter_map(|m| m.sub_path.as_deref()).map(inside);
    paths.filter(|path| path.as_deref() != Ok("")).collect()
}

#[cfg(test)]
mod tests;
