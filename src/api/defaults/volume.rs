//! What a PersistentVolume means where it says nothing.

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeStatus};

use super::text;

/// A volume made by hand is kept when its claim goes.
pub fn volume(volume: &mut PersistentVolume) {
    if let Some(spec) = &mut volume.spec {
        text(&mut spec.persistent_volume_reclaim_policy, "Retain");
        text(&mut spec.volume_mode, "Filesystem");
        if let Some(host) = &mut spec.host_path {
            host.type_.get_or_insert_default();
        }
    }
    text(&mut volume.status.get_or_insert_with(PersistentVolumeStatus::default).phase, "Pending");
}
