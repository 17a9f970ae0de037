//! What Kubernetes refuses in a PersistentVolume.

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeSpec};
use serde_json::{Map, Value};

use super::claim::{access_modes, amount_of};
use super::field::{named, one_of};
use super::pod_volume::{host_path, nfs};
use super::{meta, name};
use crate::api::Problem;

/// The fields of a volume's specification that are no source: each other one names where the data is.
const SETTINGS: [&str; 9] = [
    "accessModes",
    "capacity",
    "claimRef",
    "mountOptions",
    "nodeAffinity",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "volumeAttributesClassName",
    "volumeMode",
];

/// The problems of a volume.
pub fn volume(volume: &PersistentVolume, old: Option<&PersistentVolume>) -> Vec<Problem> {
    let mut problems = meta::meta(&volume.metadata, name::subdomain);
    let Some(spec) = &volume.spec else {
        problems.push(Problem::required("spec", ""));
        return problems;
    };
    problems.extend(access_modes("spec.accessModes", spec.access_modes.as_deref()));
    let capacity = spec.capacity.iter().flatten();
    if capacity.clone().next().is_none() {
        problems.push(Problem::required("spec.capacity", ""));
    }
    for (resource, amount) in capacity {
        problems.extend(one_of("spec.capacity", Some(resource), &["storage"]));
        problems.extend(amount_of(&format!("spec.capacity[{resource}]"), amount));
    }
    let policies = ["Delete", "Recycle", "Retain"];
    let policy = spec.persistent_volume_reclaim_policy.as_deref();
    problems.extend(one_of("spec.persistentVolumeReclaimPolicy", policy, &policies));
    problems.extend(one_of("spec.volumeMode", spec.volume_mode.as_deref(), &["Block", "Filesystem"]));
    let class = spec.storage_class_name.iter().filter(|c| !c.is_empty());
    problems.extend(class.flat_map(|c| named("spec.storageClassName", c, name::subdomain)));
    problems.extend(source(spec, old.and_then(|o| o.spec.as_ref())));
    problems.extend(paths(spec));
    problems
}

/// Exactly one source, which stays as it is.
fn source(spec: &PersistentVolumeSpec, old: Option<&PersistentVolumeSpec>) -> Option<Problem> {
    let now = sources(spec);
    let mut names = now.keys();
    match (names.next(), names.next()) {
        (None, _) => return Some(Problem::required("spec", "must specify a volume type")),
        (Some(_), Some(second)) => {
            return Some(Problem::forbidden(format!("spec.{second}"), "may not specify more than 1 volume type"));
        }
        _ => {}
    }
    let changed = old.is_some_and(|old| sources(old) != now);
    let path = "spec.persistentvolumesource";
    changed.then(|| Problem::forbidden(path, "spec.persistentvolumesource is immutable after creation"))
}

/// Where a source is.
fn paths(spec: &PersistentVolumeSpec) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(wanted) = &spec.nfs {
        problems.extend(nfs("spec.nfs", &wanted.server, &wanted.path));
    }
    if let Some(wanted) = &spec.host_path {
        problems.extend(host_path("spec.hostPath", &wanted.path, wanted.type_.as_deref()));
    }
    if spec.local.as_ref().is_some_and(|wanted| wanted.path.is_empty()) {
        problems.push(Problem::required("spec.local.path", ""));
    }
    problems
}

fn sources(spec: &PersistentVolumeSpec) -> Map<String, Value> {
    let Ok(Value::Object(fields)) = serde_json::to_value(spec) else { return Map::new() };
    fields.into_iter().filter(|(field, _)| !SETTINGS.contains(&field.as_str())).collect()
}
