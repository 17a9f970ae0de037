//! Lets a bound claim grow. Docker does not limit the size of a volume, so all that grows is what the API tells.
//! <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims>

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::api::{Object, Plan, View, quantity};

/// Gives the volume the size that its claim asks for now, if the claim's class lets it grow.
pub fn plan(view: &View, claim: &PersistentVolumeClaim, volume: &PersistentVolume, plan: &mut Plan) {
    let asked = claim.spec.as_ref().and_then(|s| s.resources.as_ref()?.requests.as_ref()?.get("storage"));
    let has = volume.spec.as_ref().and_then(|s| s.capacity.as_ref()?.get("storage"));
    let (Some(asked), Some(has)) = (asked, has) else { return };
    if milli(asked) <= milli(has) {
        return;
    }
    let class = claim.spec.as_ref().and_then(|s| s.storage_class_name.as_deref()).unwrap_or_default();
    if view.get::<StorageClass>("", class).and_then(|c| c.allow_volume_expansion) != Some(true) {
        let message = "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc \
                       must support resize";
        return plan.warn(claim, "VolumeResizeFailed", message);
    }
    let mut grown = volume.clone();
    let capacity = grown.spec.get_or_insert_default().capacity.get_or_insert_default();
    capacity.insert("storage".to_owned(), asked.clone());
    plan.update(&grown, format!("{} asks for {}", claim.key(), asked.0));
    plan.event(claim, "VolumeResizeSuccessful", "Resize volume succeeded");
}

fn milli(quantity: &Quantity) -> i128 {
    quantity::milli(&quantity.0).unwrap_or_default()
}
