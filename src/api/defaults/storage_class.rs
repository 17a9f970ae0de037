//! What a StorageClass means where it says nothing.

use k8s_openapi::api::storage::v1::StorageClass;

use super::text;

/// Volumes of a class go with their claims and are made at once.
pub fn storage_class(class: &mut StorageClass) {
    text(&mut class.reclaim_policy, "Delete");
    text(&mut class.volume_binding_mode, "Immediate");
}
