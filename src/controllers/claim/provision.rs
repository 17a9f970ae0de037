//! Makes the volume of a claim: a Docker volume by name, which the kubelet creates when a pod first mounts it.

use k8s_openapi::api::core::v1::{
    CSIPersistentVolumeSource, Node, PersistentVolume, PersistentVolumeClaim, PersistentVolumeSpec,
    PersistentVolumeStatus,
};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::reference;
use crate::api::{Object, View, names};
use crate::controllers::volume::DRIVER;

/// The provisioner of classes whose volumes people make.
pub const NONE: &str = "kubernetes.io/no-provisioner";

/// The volume of a claim of this class, already bound to it; none while there is no node to have it.
///
/// The class's parameters name the Docker volume driver and its options.
pub fn volume(view: &View, claim: &PersistentVolumeClaim, class: &StorageClass) -> Option<PersistentVolume> {
    let node = view.all::<Node>().next()?;
    let spec = claim.spec.clone().unwrap_or_default();
    let annotation = ("pv.kubernetes.io/provisioned-by".to_owned(), DRIVER.to_owned());
    Some(PersistentVolume {
        metadata: ObjectMeta {
            name: Some(format!("pvc-{}", claim.uid())),
            annotations: Some([annotation].into()),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeSpec {
            access_modes: spec.access_modes,
            capacity: spec.resources.and_then(|r| r.requests),
            claim_ref: Some(reference(claim)),
            csi: Some(CSIPersistentVolumeSource {
                driver: DRIVER.to_owned(),
                volume_handle: handle(node.name(), claim),
                volume_attributes: class.parameters.clone(),
                ..CSIPersistentVolumeSource::default()
            }),
            mount_options: class.mount_options.clone(),
            persistent_volume_reclaim_policy: class.reclaim_policy.clone().or(Some("Delete".to_owned())),
            storage_class_name: class.metadata.name.clone(),
            volume_mode: spec.volume_mode.or(Some("Filesystem".to_owned())),
            ..PersistentVolumeSpec::default()
        }),
        status: Some(PersistentVolumeStatus { phase: Some("Pending".to_owned()), ..PersistentVolumeStatus::default() }),
    })
}

/// The Docker volume's name: readable, and another one for each claim, so that a claim that is created again never gets
/// the data of the one before.
fn handle(node: &str, claim: &PersistentVolumeClaim) -> String {
    format!("{node}-{}-{}-{}", claim.namespace(), claim.name(), names::suffix(claim.uid(), 5))
}
