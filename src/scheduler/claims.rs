//! Whether a pod's claims are there and bound.

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use k8s_openapi::api::storage::v1::StorageClass;

use crate::api::{Object, View};

/// What keeps the pod's claims from being mounted, if anything does. A claim whose class waits for its first consumer
/// keeps nobody waiting: the pod is that consumer.
pub fn missing(view: &View, pod: &Pod) -> Option<String> {
    let volumes = pod.spec.iter().flat_map(|s| s.volumes.iter().flatten());
    let names = volumes.filter_map(|v| Some(&v.persistent_volume_claim.as_ref()?.claim_name));
    let mut unbound = None;
    for name in names {
        let Some(claim) = view.get::<PersistentVolumeClaim>(pod.namespace(), name) else {
            return Some(format!("persistentvolumeclaim \"{name}\" not found"));
        };
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

fn waits_for_consumer(view: &View, claim: &PersistentVolumeClaim) -> bool {
    let name = claim.spec.as_ref().and_then(|s| s.storage_class_name.as_deref());
    let default = |c: &&StorageClass| c.annotation("storageclass.kubernetes.io/is-default-class") == Some("true");
    let class = match name {
        Some(name) => view.get::<StorageClass>("", name),
        None => view.all::<StorageClass>().find(default),
    };
    class.and_then(|c| c.volume_binding_mode.as_deref()) == Some("WaitForFirstConsumer")
}
