//! What Kubernetes refuses in a PersistentVolumeClaim.

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, PersistentVolumeClaimSpec};

use super::field::{invalid, named, one_of};
use super::{meta, name, resources};
use crate::api::Problem;

/// How a volume may be mounted, for claims and volumes alike.
const ACCESS_MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/// The problems of a claim.
pub fn claim(claim: &PersistentVolumeClaim, old: Option<&PersistentVolumeClaim>) -> Vec<Problem> {
    let mut problems = meta::meta(&claim.metadata, name::subdomain);
    let Some(spec) = &claim.spec else {
        problems.push(Problem::required("spec", ""));
        return problems;
    };
    problems.extend(access_modes(spec.access_modes.as_deref()));
    let storage = spec.resources.as_ref().and_then(|r| r.requests.as_ref()).and_then(|r| r.get("storage"));
    match storage {
        None => problems.push(Problem::required("spec.resources.requests[storage]", "")),
        Some(amount) => problems.extend(amount_of("spec.resources.requests[storage]", amount)),
    }
    let class = spec.storage_class_name.iter().filter(|c| !c.is_empty());
    problems.extend(class.flat_map(|c| named("spec.storageClassName", c, name::subdomain)));
    problems.extend(one_of("spec.volumeMode", spec.volume_mode.as_deref(), &["Block", "Filesystem"]));
    problems.extend(old.and_then(|o| o.spec.as_ref()).and_then(|old| change(spec, old)));
    problems
}

/// A quantity above zero.
pub fn amount_of(path: &str, amount: &k8s_openapi::apimachinery::pkg::api::resource::Quantity) -> Option<Problem> {
    let zero = crate::api::quantity::milli(&amount.0) == Ok(0);
    resources::amount_of(path, amount).or_else(|| zero.then(|| invalid(path, &amount.0, "must be greater than zero")))
}

/// At least one mode, each a known one.
pub fn access_modes(modes: Option<&[String]>) -> Vec<Problem> {
    let modes = modes.unwrap_or_default();
    if modes.is_empty() {
        return vec![Problem::required("spec.accessModes", "at least 1 access mode is required")];
    }
    modes.iter().filter_map(|m| one_of("spec.accessModes", Some(m), &ACCESS_MODES)).collect()
}

/// A claim keeps its specification, but for the size asked for, and the class and the volume given once.
fn change(new: &PersistentVolumeClaimSpec, old: &PersistentVolumeClaimSpec) -> Option<Problem> {
    let mut masked = new.clone();
    masked.resources.clone_from(&old.resources);
    masked.volume_attributes_class_name.clone_from(&old.volume_attributes_class_name);
    if old.storage_class_name.is_none() {
        masked.storage_class_name = None;
    }
    if old.volume_name.as_deref().unwrap_or_default().is_empty() {
        masked.volume_name.clone_from(&old.volume_name);
    }
    let message =
        "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
    (masked != *old).then(|| Problem::forbidden("spec", message))
}
