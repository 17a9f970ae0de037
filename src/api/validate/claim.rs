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
    problems.extend(claim_spec("spec", spec));
    problems.extend(old.and_then(|o| o.spec.as_ref().map(|s| (s, o))).and_then(|(s, o)| change(spec, s, o)));
    problems
}

/// What a claim and the template of one have in common.
pub fn claim_spec(path: &str, spec: &PersistentVolumeClaimSpec) -> Vec<Problem> {
    let at = |field: &str| format!("{path}.{field}");
    let mut problems = access_modes(&at("accessModes"), spec.access_modes.as_deref());
    let storage = spec.resources.as_ref().and_then(|r| r.requests.as_ref()).and_then(|r| r.get("storage"));
    match storage {
        None => problems.push(Problem::required(at("resources.requests[storage]"), "")),
        Some(amount) => problems.extend(amount_of(&at("resources.requests[storage]"), amount)),
    }
    let class = spec.storage_class_name.iter().filter(|c| !c.is_empty());
    problems.extend(class.flat_map(|c| named(&at("storageClassName"), c, name::subdomain)));
    problems.extend(one_of(&at("volumeMode"), spec.volume_mode.as_deref(), &["Block", "Filesystem"]));
    problems
}

/// A quantity above zero.
pub fn amount_of(path: &str, amount: &k8s_openapi::apimachinery::pkg::api::resource::Quantity) -> Option<Problem> {
    let zero = crate::api::quantity::milli(&amount.0) == Ok(0);
    resources::amount_of(path, amount).or_else(|| zero.then(|| invalid(path, &amount.0, "must be greater than zero")))
}

/// At least one mode, each a known one, and the one that excludes others alone.
pub fn access_modes(path: &str, modes: Option<&[String]>) -> Vec<Problem> {
    let modes = modes.unwrap_or_default();
    if modes.is_empty() {
        return vec![Problem::required(path, "at least 1 access mode is required")];
    }
    let mut problems: Vec<_> = modes.iter().filter_map(|m| one_of(path, Some(m), &ACCESS_MODES)).collect();
    if modes.len() > 1 && modes.iter().any(|m| m == "ReadWriteOncePod") {
        let message = "may not use ReadWriteOncePod with other access modes";
        problems.push(Problem::forbidden(path, message));
    }
    problems
}

/// A claim keeps its specification, but for the size asked for, and the class and the volume given once. The size may
/// not shrink, and grows only while the claim is bound.
fn change(
    new: &PersistentVolumeClaimSpec,
    old: &PersistentVolumeClaimSpec,
    whole: &PersistentVolumeClaim,
) -> Option<Problem> {
    let size = |spec: &PersistentVolumeClaimSpec| {
        let asked = spec.resources.as_ref()?.requests.as_ref()?.get("storage")?;
        crate::api::quantity::milli(&asked.0).ok()
    };
    let told = whole.status.as_ref().and_then(|s| s.capacity.as_ref()?.get("storage").cloned());
    let had = told.and_then(|q| crate::api::quantity::milli(&q.0).ok());
    if size(new) < size(old) && had.is_none_or(|had| size(new).is_some_and(|new| new < had)) {
        let message = "field can not be less than status.capacity";
        return Some(Problem::forbidden("spec.resources.requests.storage", message));
    }
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
