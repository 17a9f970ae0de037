//! Whether a pod's claims are there and bound.

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use k8s_openapi::api::storage::v1::StorageClass;

use crate::api::{Object, View, names};

/// What keeps the pod's claims from being mounted, if anything does. A claim whose class waits for its first consumer
/// keeps nobody waiting: the pod is that consumer.
pub fn missing(view: &View, pod: &Pod) -> Option<String> {
    let mut unbound = None;
    for (name, made) in names(pod) {
        let Some(claim) = view.get::<PersistentVolumeClaim>(pod.namespace(), &name) else {
            let wait = "waiting for ephemeral volume controller to create the persistentvolumeclaim";
            return Some(if made {
                format!("{wait} \"{name}\"")
            } else {
                format!("persistentvolumeclaim \"{name}\" not found")
            });
        };
        if is_taken(view, pod, claim) {
            let message =
                "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode";
            return Some(format!("1 {message}"));
        }
        if claim.is_deleting() {
            return Some(format!("persistentvolumeclaim \"{name}\" is being deleted"));
        }
        match claim.status.as_ref().and_then(|s| s.phase.as_deref()) {
            Some("Bound") => {}
            Some("Lost") => {
                return Some(format!("persistentvolumeclaim \"{name}\" bound to non-existent persistentvolume"));
            }
            _ if waits_for_consumer(view, claim) => {}
            _ => unbound = Some("pod has unbound immediate PersistentVolumeClaims".to_owned()),
        }
    }
    unbound
}

/// The claims of a pod by name, and whether each is made for it.
fn names(pod: &Pod) -> impl Iterator<Item = (String, bool)> {
    let volumes = pod.spec.iter().flat_map(|s| s.volumes.iter().flatten());
    volumes.filter_map(|v| match &v.persistent_volume_claim {
        Some(named) => Some((named.claim_name.clone(), false)),
        None => v.ephemeral.as_ref().map(|_| (names::ephemeral_claim(pod.name(), &v.name), true)),
    })
}

/// Whether the claim is for one pod at a time, and another one has it, or waits for it and comes first.
/// <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes>
fn is_taken(view: &View, pod: &Pod, claim: &PersistentVolumeClaim) -> bool {
    let modes = claim.spec.iter().flat_map(|s| s.access_modes.iter().flatten());
    if !modes.into_iter().any(|mode| mode == "ReadWriteOncePod") {
        return false;
    }
    let bound = |p: &Pod| p.spec.as_ref().and_then(|s| s.node_name.as_deref()).is_some_and(|n| !n.is_empty());
    let finished = |p: &Pod| matches!(p.status.as_ref().and_then(|s| s.phase.as_deref()), Some("Succeeded" | "Failed"));
    let mut others = view.list::<Pod>(pod.namespace()).filter(|p| p.name() != pod.name() && !finished(p));
    others.any(|p| (bound(p) || p.name() < pod.name()) && names(p).any(|(name, _)| name == claim.name()))
}

fn waits_for_consumer(view: &View, claim: &PersistentVolumeClaim) -> bool {
    let name = claim.spec.as_ref().and_then(|s| s.storage_class_name.as_deref());
    let default = |c: &&StorageClass| c.annotation("storageclass.kubernetes.io/is-default-class") == Some("true");
    let class = match name {
        Some(name) => view.get::<StorageClass>("", name),
        None => view.all::<StorageClass>().find(default),
    };
    class.and_then(|c| c.volume_binding_mode.as_deref()) == Some("WaitForFirstConsumer")
}
