//! Decides what the volumes of a pod are on the Docker host, and what must be done for them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use k8s_openapi::api::core::v1::{Pod, PodSpec, Volume, VolumeMount};

use super::mounts::propagation;
use super::order::{Order, Owner};
use super::parts;
use super::projected::group;
use super::source::{Found, found};
use super::token::Tokens;
use super::volume::{PodVolume, Prepare, inside};
use crate::api::View;
use crate::kubelet::missing::Missing;
use crate::kubelet::runtime::Source;

/// What volumes are made of beside objects.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The node's name.
    pub node: &'a str,
    /// The tokens that the API gave.
    pub tokens: &'a Tokens,
    /// The ids of images by the names of the volumes that are of them.
    pub images: &'a BTreeMap<String, String>,
}

/// Which volume of a pod can't be had, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unready {
    /// The volume in the pod.
    pub volume: String,
    /// Why.
    pub why: Missing,
}

impl fmt::Display for Unready {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "MountVolume.SetUp failed for volume \"{}\" : {}", self.volume, self.why)
    }
}

/// The pod's volumes, in the manifest's order. <https://kubernetes.io/docs/concepts/storage/volumes/>
///
/// # Errors
/// If an object that a volume needs is not there, a claim is not bound, or wharf has no such volumes.
pub fn translate(view: &View, pod: &Pod, given: &Given) -> Result<Vec<PodVolume>, Unready> {
    let Some(spec) = &pod.spec else { return Ok(Vec::new()) };
    let one = |volume: &Volume| {
        let unready = |why| Unready { volume: volume.name.clone(), why };
        let found = found(view, pod, volume, given).map_err(unready)?;
        pod_volume(spec, &volume.name, found).map_err(unready)
    };
    spec.volumes.iter().flatten().map(one).collect()
}

fn pod_volume(spec: &PodSpec, name: &str, found: Found) -> Result<PodVolume, Missing> {
    let Found { source, read_only, prepare, files, demand, ownable } = found;
    let mounts = || mounts(spec).filter(|m| m.name == name);
    let plain = mounts().filter(|m| !parts::has_expression(m)).filter_map(|m| m.sub_path.as_deref()).map(inside);
    let mut parts: BTreeSet<String> = plain.filter(|path| path.as_deref() != Ok("")).collect::<Result<_, _>>()?;
    let foreign = matches!(prepare, Prepare::Directory { .. } | Prepare::Files { .. });
    let late = mounts().any(parts::has_expression);
    let bound = matches!(source, Source::Volume(_)) && mounts().any(|m| propagation(m).is_some());
    if files.is_some() || read_only {
        // Nothing is made in what is made of objects, or can't be written.
        parts.clear();
    }
    let has_files = files.is_some();
    let own = |group| Owner { group, always: has_files || always(spec, &prepare), read_only: has_files };
    let owner = group(spec).filter(|_| ownable && (has_files || !read_only)).map(own);
    // While a sandbox has it, nobody takes it for one that no pod wants.
    let shared = matches!(prepare, Prepare::Image { .. });
    let held = shared || !foreign && (late || bound || (read_only && mounts().any(|m| m.sub_path.is_some())));
    Ok(PodVolume {
        name: name.to_owned(),
        source,
        read_only,
        prepare,
        order: Order { files, parts, owner, demand },
        held,
    })
}

/// Whether all that is in a volume is looked at, whatever the volume itself is: always for what begins with the pod.
/// <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#configure-volume-permission-and-ownership-change-policy-for-pods>
fn always(spec: &PodSpec, prepare: &Prepare) -> bool {
    let policy = spec.security_context.as_ref().and_then(|s| s.fs_group_change_policy.as_deref());
    let outlives = matches!(prepare, Prepare::Volume(_) | Prepare::Nothing);
    !(outlives && policy == Some("OnRootMismatch"))
}

fn mounts(spec: &PodSpec) -> impl Iterator<Item = &VolumeMount> {
    let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    containers.flat_map(|c| c.volume_mounts.iter().flatten())
}

#[cfg(test)]
mod tests;
