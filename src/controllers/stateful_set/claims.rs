//! The claims of a StatefulSet's pods: made before the pods, kept after them, unless the set's policy says otherwise.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention>

use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};

use super::{Round, identity};
use crate::api::{Object, Plan};

/// The volumes of a pod that are claims, and the claims' names.
pub fn names<'a>(spec: &'a StatefulSetSpec, pod: &str) -> impl Iterator<Item = (&'a str, String)> {
    let templates = spec.volume_claim_templates.iter().flatten();
    templates.map(move |claim| {
        let volume = claim.metadata.name.as_deref().unwrap_or_default();
        (volume, format!("{volume}-{pod}"))
    })
}

/// Whether a claim of this name belongs to a pod that the set has, may have or has had.
pub fn is_of(set: &StatefulSet, claim: &str) -> bool {
    let templates = set.spec.iter().flat_map(|s| s.volume_claim_templates.iter().flatten());
    let mut pods =
        templates.filter_map(|template| claim.strip_prefix(template.metadata.name.as_deref()?)?.strip_prefix('-'));
    pods.any(|pod| identity::ordinal_of(set, pod).is_some())
}

/// Makes the claims that the pod of a name lacks. Returns whether the pod can be made now, or why it can't.
pub fn make(round: &Round, pod: &str, plan: &mut Plan) -> Result<bool, String> {
    let (set, spec) = (round.wishes.set, round.wishes.spec);
    let templates = spec.volume_claim_templates.iter().flatten();
    let mut ready = true;
    for (template, (_, name)) in templates.zip(names(spec, pod)) {
        match round.view.get::<PersistentVolumeClaim>(set.namespace(), &name) {
            None => {
                plan.create(&claim(round, template, &name, pod), format!("{pod} needs it"));
                let message = format!("create Claim {name} Pod {pod} in StatefulSet {} success", set.name());
                plan.event(set, "SuccessfulCreate", message);
            }
            Some(claim) if claim.is_deleting() => return Err(format!("pvc {name} is being deleted")),
            // It is about to be collected with the pod that it was left by.
            Some(claim) => ready &= !owners(claim).iter().any(|o| o.kind == "Pod" && o.name == pod),
        }
    }
    Ok(ready)
}

/// The claim of a template for a pod.
fn claim(round: &Round, template: &PersistentVolumeClaim, name: &str, pod: &str) -> PersistentVolumeClaim {
    let (set, spec) = (round.wishes.set, round.wishes.spec);
    let mut labels = template.metadata.labels.clone().unwrap_or_default();
    labels.extend(spec.selector.match_labels.clone().unwrap_or_default());
    let owned = identity::ordinal_of(set, pod).is_some_and(|ordinal| is_owned_by_set(round, ordinal));
    PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            namespace: set.metadata.namespace.clone(),
            labels: Some(labels).filter(|l| !l.is_empty()),
            annotations: template.metadata.annotations.clone(),
            owner_references: owned.then(|| vec![set.owner_reference()]),
            ..ObjectMeta::default()
        },
        spec: template.spec.clone(),
        status: None,
    }
}

/// Has the claims of a pod go with the set or with the pod, or stay, as the policy says.
pub fn settle(round: &Round, ordinal: i32, pod: &Pod, plan: &mut Plan) {
    let set = round.wishes.set;
    for (_, name) in names(round.wishes.spec, pod.name()) {
        let claim = round.view.get::<PersistentVolumeClaim>(set.namespace(), &name);
        let Some(claim) = claim.filter(|c| !c.is_deleting()) else { continue };
        let by_set = is_owned_by_set(round, ordinal);
        let by_pod = policy(round, |p| &p.when_scaled) && !round.wishes.ordinals.contains(&ordinal);
        let mut settled = claim.clone();
        let owners = settled.metadata.owner_references.get_or_insert_default();
        own(owners, set.owner_reference(), by_set);
        own(owners, pod.owner_reference(), by_pod);
        if owners.is_empty() {
            settled.metadata.owner_references = None;
        }
        if settled.metadata.owner_references.as_deref().unwrap_or_default() != self::owners(claim) {
            let why = match (by_set, by_pod) {
                (true, _) => format!("it goes when {} is deleted", set.name()),
                (_, true) => format!("it goes with {}", pod.name()),
                _ => "it stays".to_owned(),
            };
            plan.update(&settled, why);
        }
    }
}

/// Adds an owner, or takes it away. An object has one controller at most.
fn own(owners: &mut Vec<OwnerReference>, owner: OwnerReference, wanted: bool) {
    let known = owners.iter().position(|o| o.uid == owner.uid);
    match (known, wanted) {
        (Some(index), false) => drop(owners.remove(index)),
        (None, true) => {
            let free = !owners.iter().any(|o| o.controller == Some(true));
            owners.push(OwnerReference { controller: Some(free), ..owner });
        }
        _ => {}
    }
}

fn owners(claim: &PersistentVolumeClaim) -> &[OwnerReference] {
    claim.metadata.owner_references.as_deref().unwrap_or_default()
}

/// Whether the claims of an ordinal go with the set. Those of a pod that goes first may have to go with that.
fn is_owned_by_set(round: &Round, ordinal: i32) -> bool {
    let leaves_first = policy(round, |p| &p.when_scaled) && !round.wishes.ordinals.contains(&ordinal);
    policy(round, |p| &p.when_deleted) && !leaves_first
}

type Policy = k8s_openapi::api::apps::v1::StatefulSetPersistentVolumeClaimRetentionPolicy;

fn policy(round: &Round, when: fn(&Policy) -> &Option<String>) -> bool {
    let policy = round.wishes.spec.persistent_volume_claim_retention_policy.as_ref();
    policy.and_then(|p| when(p).as_deref()) == Some("Delete")
}
