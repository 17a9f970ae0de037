//! Volumes: their phase, and their end once the claim is gone.
//! <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming>

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, PersistentVolumeStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::claim;
use crate::api::names::VOLUME_FINALIZER;
use crate::api::{Key, Kind, Object, Plan, Timestamp, View};

/// The CSI driver name of volumes that are Docker volumes; the handle is the Docker volume's name, the attributes are
/// its driver and options.
pub const DRIVER: &str = "wharf.dev/docker-volume";
/// Holds a volume that is deleted until no claim is bound to it.
const PROTECTION: &str = "kubernetes.io/pv-protection";

/// The volume itself, or those that are the claim's.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    if changed.kind == Kind::of::<PersistentVolume>() {
        return vec![changed.clone()];
    }
    let names_it = |v: &&PersistentVolume| {
        claim::owner(v).is_some_and(|o| {
            o.namespace.as_deref() == Some(&changed.namespace) && o.name.as_deref() == Some(&changed.name)
        })
    };
    view.all::<PersistentVolume>().filter(names_it).map(Object::key).collect()
}

/// What a volume needs next.
pub fn plan(view: &View, key: &Key, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let Some(volume) = view.get::<PersistentVolume>("", &key.name) else {
        return plan;
    };
    let (phase, policy) = (phase(view, volume), policy(volume));
    let held_by = |finalizer: &&str| volume.metadata.finalizers.iter().flatten().any(|f| f == finalizer);
    if volume.is_deleting() {
        if held_by(&PROTECTION) && phase != "Bound" {
            let mut free = volume.clone();
            free.metadata.finalizers.iter_mut().for_each(|f| f.retain(|f| f != PROTECTION));
            plan.update(&free, "no claim is bound to it");
        }
        return plan;
    }
    let docker = volume.spec.as_ref().and_then(|s| s.csi.as_ref()).is_some_and(|c| c.driver == DRIVER);
    let wanted = std::iter::once(PROTECTION).chain(docker.then_some(VOLUME_FINALIZER));
    let missing: Vec<String> = wanted.filter(|f| !held_by(f)).map(str::to_owned).collect();
    if !missing.is_empty() {
        let mut held = volume.clone();
        held.metadata.finalizers.get_or_insert_default().extend(missing);
        plan.update(&held, "it is protected while a claim is bound to it");
        return plan;
    }
    match (phase, policy) {
        ("Released", "Delete") if docker => plan.delete(volume, "its claim is gone"),
        ("Released", "Delete") => {
            let message = "only Docker volumes are deleted with their claim";
            write_status(volume, "Failed", Some(message), now, &mut plan);
        }
        _ => write_status(volume, phase, None, now, &mut plan),
    }
    plan
}

/// The phase that follows from what the volume and its claim say of each other.
fn phase(view: &View, volume: &PersistentVolume) -> &'static str {
    let Some(owner) = claim::owner(volume) else {
        return "Available";
    };
    let of = |name: &Option<String>| name.clone().unwrap_or_default();
    let found = view.get::<PersistentVolumeClaim>(&of(&owner.namespace), &of(&owner.name));
    match found.filter(|c| claim::is_of(owner, c)) {
        Some(claim) if claim::volume_name(claim) == Some(volume.name()) => "Bound",
        // Kept for a claim that has not taken it yet, or is not there yet.
        Some(_) => "Available",
        None if of(&owner.uid).is_empty() => "Available",
        None => "Released",
    }
}

fn policy(volume: &PersistentVolume) -> &str {
    volume.spec.as_ref().and_then(|s| s.persistent_volume_reclaim_policy.as_deref()).unwrap_or("Retain")
}

fn write_status(volume: &PersistentVolume, phase: &str, message: Option<&str>, now: Timestamp, plan: &mut Plan) {
    if volume.status.as_ref().and_then(|s| s.phase.as_deref()) == Some(phase) {
        return;
    }
    if let Some(message) = message {
        plan.warn(volume, "VolumeFailedDelete", message);
    }
    let status = PersistentVolumeStatus {
        phase: Some(phase.to_owned()),
        message: message.map(str::to_owned),
        reason: None,
        last_phase_transition_time: Some(Time(now)),
    };
    plan.update_status(&PersistentVolume { status: Some(status), ..volume.clone() }, "");
}
