//! Which of the volumes that are there a claim gets.
//! <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding>

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec};

use super::{is_of, owner};
use crate::api::{Object, View, labels, quantity};

/// The volume that is kept for this claim by name, if one is.
pub fn promised<'a>(view: &'a View, claim: &PersistentVolumeClaim) -> Option<&'a PersistentVolume> {
    view.all::<PersistentVolume>().find(|v| !v.is_deleting() && owner(v).is_some_and(|o| is_of(o, claim)))
}

/// The smallest free volume of the class that has all that the claim asks for.
pub fn best<'a>(view: &'a View, claim: &PersistentVolumeClaim, class: &str) -> Option<&'a PersistentVolume> {
    let spec = claim.spec.as_ref()?;
    let fitting = view.all::<PersistentVolume>().filter(|v| owner(v).is_none() && !v.is_deleting());
    fitting.filter(|v| fits(v, spec, class)).min_by_key(|v| (capacity(v), v.name().to_owned()))
}

fn fits(volume: &PersistentVolume, asked: &PersistentVolumeClaimSpec, class: &str) -> bool {
    let Some(spec) = &volume.spec else { return false };
    let mode = |mode: &Option<String>| mode.clone().unwrap_or_else(|| "Filesystem".to_owned());
    let modes = spec.access_modes.as_deref().unwrap_or_default();
    spec.storage_class_name.as_deref().unwrap_or_default() == class
        && asked.access_modes.iter().flatten().all(|m| modes.contains(m))
        && mode(&spec.volume_mode) == mode(&asked.volume_mode)
        && asked.selector.as_ref().is_none_or(|s| labels::matches(s, volume.metadata.labels.as_ref()))
        && capacity(volume) >= request(asked)
}

fn capacity(volume: &PersistentVolume) -> i128 {
    let quantity = volume.spec.as_ref().and_then(|s| s.capacity.as_ref()?.get("storage"));
    quantity.and_then(|q| quantity::milli(&q.0).ok()).unwrap_or(0)
}

fn request(asked: &PersistentVolumeClaimSpec) -> i128 {
    let quantity = asked.resources.as_ref().and_then(|r| r.requests.as_ref()?.get("storage"));
    quantity.and_then(|q| quantity::milli(&q.0).ok()).unwrap_or(0)
}
