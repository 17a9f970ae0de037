//! Pods made from a workload's template, and names for them.

use k8s_openapi::api::core::v1::{Pod, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::{Object, Timestamp, View, names};

/// The longest part of a pod's name that is its owner's: names of pods are also host names.
const LONGEST_BASE: usize = 58;

/// A pod of the template that the owner controls.
pub fn pod<T: Object>(owner: &T, template: &PodTemplateSpec, name: &str) -> Pod {
    let given = template.metadata.clone().unwrap_or_default();
    Pod {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            generate_name: Some(format!("{}-", owner.name())),
            namespace: owner.metadata().namespace.clone(),
            labels: given.labels,
            annotations: given.annotations,
            finalizers: given.finalizers,
            owner_references: Some(vec![owner.owner_reference()]),
            ..ObjectMeta::default()
        },
        spec: template.spec.clone(),
        status: None,
    }
}

/// A name for a pod that no pod of the namespace has, those on their way out included, nor one of `taken`. Time is in the
/// seed, so that a name that was in use comes back no sooner than chance has it.
pub fn free_name<T: Object>(view: &View, owner: &T, now: Timestamp, taken: &[String]) -> String {
    let base = owner.name();
    let base = &base[..base.floor_char_boundary(LONGEST_BASE - 1)];
    let mut counter = taken.len();
    loop {
        let name = format!("{base}-{}", names::suffix(&format!("{}/{now}/{counter}", owner.uid()), 5));
        if view.get::<Pod>(owner.namespace(), &name).is_none() && !taken.contains(&name) {
            return name;
        }
        counter += 1;
    }
}
