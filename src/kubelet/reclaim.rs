//! Lets deleted volumes go, and with them the Docker volumes that hold their data, where that is to go.
//! <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming>

use k8s_openapi::api::core::v1::PersistentVolume;

use super::hands::Hands;
use super::volumes::DOCKER_VOLUME_DRIVER;
use crate::api::names::VOLUME_FINALIZER;
use crate::api::{Object, Plan, View};

/// A deleted volume that nothing but its Docker volume holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Reclaim {
    /// The Docker volume to remove first; `None` if its data are to be kept.
    pub remove: Option<String>,
    /// The volume as it is to be then.
    pub free: PersistentVolume,
}

/// The volumes that can go now.
#[must_use]
pub fn find(view: &View) -> Vec<Reclaim> {
    let only_ours = |v: &&PersistentVolume| v.metadata.finalizers.as_deref() == Some(&[VOLUME_FINALIZER.to_owned()]);
    let deleted = view.all::<PersistentVolume>().filter(|v| v.is_deleting()).filter(only_ours);
    let reclaim = |volume: &PersistentVolume| {
        let spec = volume.spec.as_ref();
        let docker = spec.and_then(|s| s.csi.as_ref()).filter(|c| c.driver == DOCKER_VOLUME_DRIVER);
        let delete = spec.and_then(|s| s.persistent_volume_reclaim_policy.as_deref()) == Some("Delete");
        let mut free = volume.clone();
        free.metadata.finalizers = None;
        Reclaim { remove: docker.filter(|_| delete).map(|c| c.volume_handle.clone()), free }
    };
    deleted.map(reclaim).collect()
}

/// Removes the Docker volumes and lets the volumes go. One that a container still has waits for a later time.
pub async fn reclaim(hands: &Hands, all: Vec<Reclaim>) {
    for Reclaim { remove, free } in all {
        if let Some(name) = remove {
            if let Err(error) = hands.runtime.remove_volume(&name).await {
                hands.warn(&free, "VolumeFailedDelete", error.to_string()).await;
                continue;
            }
            tracing::info!(volume = name, "remove: its claim is gone");
        }
        let mut plan = Plan::nothing();
        plan.update(&free, "nothing holds it any more");
        hands.tell(plan).await;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn volume(name: &str, deleted: bool, policy: &str, finalizers: &Value) -> PersistentVolume {
        let spec = json!({"csi": {"driver": DOCKER_VOLUME_DRIVER, "volumeHandle": format!("box-{name}")},
            "persistentVolumeReclaimPolicy": policy});
        let deleted = deleted.then_some("2026-01-01T00:00:00Z");
        let metadata = json!({"name": name, "deletionTimestamp": deleted, "finalizers": finalizers});
        serde_json::from_value(json!({"metadata": metadata, "spec": spec})).unwrap()
    }

    #[test]
    fn data_go_with_their_volume_only_if_that_is_its_policy() {
        let ours = || json!([VOLUME_FINALIZER]);
        let view = View::of([
            volume("alive", false, "Delete", &ours()),
            volume("held", true, "Delete", &json!(["kubernetes.io/pv-protection", VOLUME_FINALIZER])),
            volume("gone", true, "Delete", &ours()),
            volume("kept", true, "Retain", &ours()),
        ]);
        let found = find(&view);
        let text: Vec<_> = found.iter().map(|r| (r.free.name(), r.remove.as_deref())).collect();
        assert_eq!(text, [("gone", Some("box-gone")), ("kept", None)]);
        assert!(found.iter().all(|r| r.free.metadata.finalizers.is_none()));
    }
}
