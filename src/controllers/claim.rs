//! Claims: each is bound to a volume that fits, or to one that is made for it.
//! <https://kubernetes.io/docs/concepts/storage/persistent-volumes/>

mod fit;
mod provision;
mod resize;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use k8s_openapi::api::core::v1::{
    ObjectReference, PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimStatus, Pod,
};
use k8s_openapi::api::storage::v1::StorageClass;

use super::pod;
use crate::api::names;
use crate::api::{Key, Kind, Object, Plan, Timestamp, View};

/// Holds a claim that is deleted until no pod uses it.
/// <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection>
const PROTECTION: &str = "kubernetes.io/pvc-protection";
const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

/// The claims that a changed key concerns: itself, those of the pod, or every one that waits for a volume.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    let kind = Kind::of::<PersistentVolumeClaim>();
    if changed.kind == kind {
        return vec![changed.clone()];
    }
    if changed.kind == Kind::of::<Pod>() {
        return match view.get::<Pod>(&changed.namespace, &changed.name) {
            Some(pod) => claims(pod).map(|name| Key::new(kind, &changed.namespace, &name)).collect(),
            None => view.list::<PersistentVolumeClaim>(&changed.namespace).map(Object::key).collect(),
        };
    }
    let concerned = |c: &&PersistentVolumeClaim| {
        volume_name(c).is_none_or(|v| changed.kind == Kind::of::<PersistentVolume>() && v == changed.name)
    };
    view.all::<PersistentVolumeClaim>().filter(concerned).map(Object::key).collect()
}

/// What a claim needs next.
pub fn plan(view: &View, key: &Key, _: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let Some(claim) = view.get::<PersistentVolumeClaim>(&key.namespace, &key.name) else {
        return plan;
    };
    let protected = claim.metadata.finalizers.iter().flatten().any(|f| f == PROTECTION);
    if claim.is_deleting() {
        if protected && !is_used(view, claim) {
            let mut free = claim.clone();
            free.metadata.finalizers.iter_mut().for_each(|f| f.retain(|f| f != PROTECTION));
            plan.update(&free, "no pod uses it any more");
        }
    } else if !protected {
        let mut held = claim.clone();
        held.metadata.finalizers.get_or_insert_default().push(PROTECTION.to_owned());
        plan.update(&held, "it is protected while pods use it");
    } else if let Some(name) = volume_name(claim) {
        settle(view, claim, name, &mut plan);
    } else {
        search(view, claim, &mut plan);
    }
    plan
}

/// A claim that names its volume: both say so, or it waits, or it is lost.
fn settle(view: &View, claim: &PersistentVolumeClaim, name: &str, plan: &mut Plan) {
    let Some(volume) = view.get::<PersistentVolume>("", name) else {
        if phase(claim) == "Bound" {
            plan.warn(claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
            write_status(claim, "Lost", None, plan);
        } else if phase(claim) != "Lost" {
            write_status(claim, "Pending", None, plan);
        }
        return;
    };
    match owner(volume) {
        Some(by) if is_of(by, claim) && by.uid.is_some() => {
            write_status(claim, "Bound", Some(volume), plan);
            resize::plan(view, claim, volume, plan);
        }
        Some(by) if !is_of(by, claim) => {
            let news = phase(claim) != "Pending";
            write_status(claim, "Pending", None, plan);
            if news {
                let message = format!("volume \"{name}\" already bound to a different claim.");
                plan.warn(claim, "FailedBinding", message);
            }
        }
        _ => {
            let mut bound = volume.clone();
            bound.spec.get_or_insert_default().claim_ref = Some(reference(claim));
            plan.update(&bound, format!("{} asks for it", claim.key()));
        }
    }
}

/// A claim without a volume: one that is there and fits, or a new one of its class.
fn search(view: &View, claim: &PersistentVolumeClaim, plan: &mut Plan) {
    let class = class_name(view, claim);
    let name = class.as_deref().unwrap_or_default();
    let class = view.get::<StorageClass>("", name);
    let promised = fit::promised(view, claim);
    let waits = class.and_then(|c| c.volume_binding_mode.as_deref()) == Some("WaitForFirstConsumer");
    if promised.is_none() && waits && !is_used(view, claim) {
        return wait(
            claim,
            (false, "WaitForFirstConsumer", "waiting for first consumer to be created before binding"),
            plan,
        );
    }
    if let Some(volume) = promised.or_else(|| fit::best(view, claim, name)) {
        let mut bound = claim.clone();
        bound.spec.get_or_insert_default().volume_name = Some(volume.name().to_owned());
        plan.update(&bound, format!("{} fits", volume.key()));
        return;
    }
    match class {
        Some(class) if class.provisioner != provision::NONE && has_selector(claim) => {
            let message = "claim.Spec.Selector is not supported";
            wait(claim, (true, "ProvisioningFailed", message), plan);
        }
        Some(class) if class.provisioner != provision::NONE => {
            if let Some(volume) = provision::volume(view, claim, class) {
                plan.create(&volume, format!("{} asks for class {name}", claim.key()));
                plan.event(claim, "Provisioning", format!("a volume of class \"{name}\" is made"));
            }
        }
        None if !name.is_empty() => {
            let message = format!("storageclass.storage.k8s.io \"{name}\" not found");
            wait(claim, (true, "ProvisioningFailed", &message), plan);
        }
        _ => {
            let message = "no persistent volumes available for this claim and no storage class is set";
            wait(claim, (false, "FailedBinding", message), plan);
        }
    }
}

/// A volume that is made has no labels to select it by.
fn has_selector(claim: &PersistentVolumeClaim) -> bool {
    claim.spec.as_ref().is_some_and(|s| s.selector.is_some())
}

/// Leaves the claim pending and says why; a repeat of the event is only counted.
fn wait(claim: &PersistentVolumeClaim, (warning, reason, message): (bool, &str, &str), plan: &mut Plan) {
    if warning {
        plan.warn(claim, reason, message);
    } else {
        plan.event(claim, reason, message);
    }
    write_status(claim, "Pending", None, plan);
}

fn write_status(claim: &PersistentVolumeClaim, phase: &str, volume: Option<&PersistentVolume>, plan: &mut Plan) {
    let spec = volume.and_then(|v| v.spec.as_ref());
    let old = claim.status.clone().unwrap_or_default();
    let new = PersistentVolumeClaimStatus {
        phase: Some(phase.to_owned()),
        access_modes: spec.and_then(|s| s.access_modes.clone()),
        capacity: spec.and_then(|s| s.capacity.clone()),
        ..old.clone()
    };
    if new != old {
        plan.update_status(&PersistentVolumeClaim { status: Some(new), ..claim.clone() }, "");
    }
}

/// The name of the claim's class: its own, or that of the default class; none where it asks for none with `""`.
fn class_name(view: &View, claim: &PersistentVolumeClaim) -> Option<String> {
    let own = claim.spec.as_ref().and_then(|s| s.storage_class_name.clone());
    let default = || view.all::<StorageClass>().find(|c| c.annotation(DEFAULT_CLASS) == Some("true"));
    own.or_else(|| default().map(|c| c.name().to_owned())).filter(|name| !name.is_empty())
}

/// Whether a pod that has not finished uses the claim.
fn is_used(view: &View, claim: &PersistentVolumeClaim) -> bool {
    let mut pods = view.list::<Pod>(claim.namespace());
    pods.any(|p| !pod::is_finished(p) && !is_shut_down(p) && claims(p).any(|name| name == claim.name()))
}

/// Whether the kubelet is done with a deleted pod: one that waits for what it owns must not hold its own claims.
fn is_shut_down(pod: &Pod) -> bool {
    pod.is_deleting() && pod.metadata.deletion_grace_period_seconds == Some(0)
}

/// The claims that a pod names, or that are made for it.
fn claims(pod: &Pod) -> impl Iterator<Item = Cow<'_, str>> {
    let volumes = pod.spec.iter().flat_map(|s| s.volumes.iter().flatten());
    volumes.filter_map(|v| match &v.persistent_volume_claim {
        Some(named) => Some(Cow::Borrowed(named.claim_name.as_str())),
        None => v.ephemeral.as_ref().map(|_| Cow::Owned(names::ephemeral_claim(pod.name(), &v.name))),
    })
}

/// The volume that the claim names.
pub(super) fn volume_name(claim: &PersistentVolumeClaim) -> Option<&str> {
    claim.spec.as_ref()?.volume_name.as_deref().filter(|name| !name.is_empty())
}

/// The claim that a volume is bound to or kept for.
pub(super) fn owner(volume: &PersistentVolume) -> Option<&ObjectReference> {
    volume.spec.as_ref()?.claim_ref.as_ref()
}

/// Whether a reference is to this claim: by name, and by uid where it has one.
pub(super) fn is_of(reference: &ObjectReference, claim: &PersistentVolumeClaim) -> bool {
    let named =
        reference.namespace.as_deref() == Some(claim.namespace()) && reference.name.as_deref() == Some(claim.name());
    named && reference.uid.as_deref().is_none_or(|uid| uid.is_empty() || uid == claim.uid())
}

fn reference(claim: &PersistentVolumeClaim) -> ObjectReference {
    ObjectReference {
        api_version: Some("v1".to_owned()),
        kind: Some("PersistentVolumeClaim".to_owned()),
        namespace: claim.metadata.namespace.clone(),
        name: claim.metadata.name.clone(),
        uid: claim.metadata.uid.clone(),
        ..ObjectReference::default()
    }
}

fn phase(claim: &PersistentVolumeClaim) -> &str {
    claim.status.as_ref().and_then(|s| s.phase.as_deref()).unwrap_or_default()
}
