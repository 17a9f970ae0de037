//! What makes each pod of a StatefulSet the one that it is: name, host name, labels, claims.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#pod-identity>

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaimVolumeSource, Pod, PodTemplateSpec, Volume};

use super::claims;
use super::wishes::Wishes;
use crate::api::Object;
use crate::api::labels::Labels;
use crate::controllers::{revisions, template};

const POD_NAME: &str = "statefulset.kubernetes.io/pod-name";
const POD_INDEX: &str = "apps.kubernetes.io/pod-index";

/// The ordinal in a pod's name, if it is one that the set would give.
pub fn ordinal_of(set: &StatefulSet, pod: &str) -> Option<i32> {
    let ordinal: i32 = pod.strip_prefix(set.name())?.strip_prefix('-')?.parse().ok()?;
    (ordinal >= 0 && name(set, ordinal) == pod).then_some(ordinal)
}

/// The name of the pod of an ordinal.
pub fn name(set: &StatefulSet, ordinal: i32) -> String {
    format!("{}-{ordinal}", set.name())
}

/// The revision that a pod was made of; empty where it does not tell.
pub fn revision(pod: &Pod) -> &str {
    pod.label(revisions::HASH).unwrap_or_default()
}

/// The pod of an ordinal, of the template of a revision.
pub fn pod(wishes: &Wishes, template: &PodTemplateSpec, revision: &str, ordinal: i32) -> Pod {
    let name = name(wishes.set, ordinal);
    let mut pod = template::pod(wishes.set, template, &name);
    let labels = pod.metadata.labels.get_or_insert_default();
    labels.insert(revisions::HASH.to_owned(), revision.to_owned());
    labels.extend(own_labels(&name, ordinal));
    let spec = pod.spec.get_or_insert_default();
    spec.subdomain.clone_from(&wishes.spec.service_name);
    spec.volumes = volumes(wishes, &name, spec.volumes.take().unwrap_or_default());
    spec.hostname = Some(name);
    pod
}

/// The pod with the labels of its identity, if it lacks them.
pub fn mended(pod: &Pod, ordinal: i32) -> Option<Pod> {
    let mut mended = pod.clone();
    mended.metadata.labels.get_or_insert_default().extend(own_labels(pod.name(), ordinal));
    (mended != *pod).then_some(mended)
}

fn own_labels(name: &str, ordinal: i32) -> Labels {
    [(POD_NAME, name.to_owned()), (POD_INDEX, ordinal.to_string())].map(|(k, v)| (k.to_owned(), v)).into()
}

/// A volume for each claim; they take the place of the template's own of the same names.
fn volumes(wishes: &Wishes, pod: &str, template: Vec<Volume>) -> Option<Vec<Volume>> {
    let volume = |(volume, claim): (&str, String)| Volume {
        name: volume.to_owned(),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource { claim_name: claim, read_only: Some(false) }),
        ..Volume::default()
    };
    let mut all: Vec<Volume> = claims::names(wishes.spec, pod).map(volume).collect();
    let own = template.into_iter().filter(|v| !all.iter().any(|claim| claim.name == v.name)).collect::<Vec<_>>();
    all.extend(own);
    (!all.is_empty()).then_some(all)
}
