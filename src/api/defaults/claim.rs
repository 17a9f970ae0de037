//! What a PersistentVolumeClaim means where it says nothing.

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, PersistentVolumeClaimStatus};

use super::text;

/// A claim asks for a file system. Its storage class stays unset: the default class is chosen when the claim is bound.
pub fn claim(claim: &mut PersistentVolumeClaim) {
    if let Some(spec) = &mut claim.spec {
        text(&mut spec.volume_mode, "Filesystem");
    }
    text(&mut claim.status.get_or_insert_with(PersistentVolumeClaimStatus::default).phase, "Pending");
}
