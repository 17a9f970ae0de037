//! Which Docker volumes are to go with their PersistentVolumes. Pure.
//! <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#delete>

use k8s_openapi::api::core::v1::PersistentVolume;

use super::claim::DOCKER_VOLUME_DRIVER;
use crate::api::names::VOLUME_FINALIZER;
use crate::api::{Object, View};

/// A PersistentVolume that is deleted and that only its Docker volume holds.
pub struct Reclaim {
    /// The PersistentVolume as it is to be once the Docker volume is dealt with.
    pub freed: PersistentVolume,
    /// The Docker volume to remove; none where its data is to be kept.
    pub remove: Option<String>,
}

/// All volumes to reclaim now.
pub fn reclaims(view: &View) -> Vec<Reclaim> {
    let held_by_data = |v: &&PersistentVolume| {
        v.is_deleting() && v.metadata.finalizers.as_deref() == Some(&[VOLUME_FINALIZER.to_owned()])
    };
    view.all::<PersistentVolume>().filter(held_by_data).map(reclaim).collect()
}

fn reclaim(volume: &PersistentVolume) -> Reclaim {
    let mut freed = volume.clone();
    freed.metadata.finalizers = None;
    let spec = volume.spec.as_ref();
    let delete = spec.is_some_and(|s| s.persistent_volume_reclaim_policy.as_deref() == Some("Delete"));
    let docker = spec.and_then(|s| s.csi.as_ref()).filter(|c| delete && c.driver == DOCKER_VOLUME_DRIVER);
    Reclaim { freed, remove: docker.map(|c| c.volume_handle.clone()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_docker_volume_goes_when_nothing_else_holds_its_volume() {
        let volume = |name: &str, policy: &str, deleted: bool, finalizers: &[&str]| {
            let deleted = deleted.then_some("2026-01-01T00:00:00Z");
            json!({
                "apiVersion": "v1", "kind": "PersistentVolume",
                "metadata": {"name": name, "deletionTimestamp": deleted, "finalizers": finalizers},
                "spec": {"persistentVolumeReclaimPolicy": policy,
                         "csi": {"driver": DOCKER_VOLUME_DRIVER, "volumeHandle": format!("wharf-{name}")}},
            })
        };
        let ours = [VOLUME_FINALIZER];
        let all = [
            volume("bound", "Delete", true, &["kubernetes.io/pv-protection", VOLUME_FINALIZER]),
            volume("deleted", "Delete", true, &ours),
            volume("kept", "Retain", true, &ours),
            volume("used", "Delete", false, &ours),
        ];
        let view = View::of(all.map(|v| serde_json::from_value::<PersistentVolume>(v).unwrap()));
        let all: Vec<_> = reclaims(&view).into_iter().map(|r| (r.freed.name().to_owned(), r.remove)).collect();
        let wanted = [("deleted".to_owned(), Some("wharf-deleted".to_owned())), ("kept".to_owned(), None)];
        assert_eq!(all, wanted);
    }
}
