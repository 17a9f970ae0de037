//! Garbage: what has lost all its owners goes, and an owner that is deleted in the foreground waits for what it owns.
//! <https://kubernetes.io/docs/concepts/architecture/garbage-collection/>

#[cfg(test)]
mod tests;

use jiff::SignedDuration;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use serde_json::Value;

use crate::api::{Action, KINDS, Key, Kind, Plan, Timestamp, View};

const FOREGROUND: &str = "foregroundDeletion";
const ORPHAN: &str = "orphan";

/// When an object is looked at again that is newer than the view.
const SOON: SignedDuration = SignedDuration::from_secs(1);

/// The changed object and its owners; if it is gone, what it owned and what may wait for its end.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    if let Some(metadata) = view.metadata(changed) {
        let owners = owners(metadata).iter().filter_map(|o| owner_key(changed, o));
        return owners.chain([changed.clone()]).collect();
    }
    let names_it = |key: &Key, o: &OwnerReference| owner_key(key, o).as_ref() == Some(changed);
    everything(view)
        .filter(|(key, m)| has_finalizer(m, FOREGROUND) || owners(m).iter().any(|o| names_it(key, o)))
        .map(|(key, _)| key)
        .collect()
}

/// Whether an object goes, or what holds its end up.
pub fn plan(view: &View, key: &Key, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let Some(metadata) = view.metadata(key) else {
        return plan;
    };
    let uid = metadata.uid.as_deref().unwrap_or_default();
    if metadata.deletion_timestamp.is_none() {
        if is_settled(view, metadata) {
            collect(view, key, metadata, &mut plan);
        } else {
            plan.wake_at(now + SOON);
        }
    } else if has_finalizer(metadata, ORPHAN) {
        let owned = owned(view, uid);
        for (dependent, _) in &owned {
            keep_owners(view, dependent, |o| o.uid != uid, &format!("{key} leaves it behind"), &mut plan);
        }
        if owned.is_empty() {
            remove_finalizer(view, key, ORPHAN, "it owns nothing any more", &mut plan);
        }
    } else if has_finalizer(metadata, FOREGROUND) {
        let owned = owned(view, uid);
        for (dependent, m) in owned.iter().filter(|(_, m)| m.deletion_timestamp.is_none()) {
            let uid = m.uid.as_deref().unwrap_or_default();
            let foreground = !self::owned(view, uid).is_empty();
            delete(dependent, m, foreground, format!("{key} is deleted after it"), &mut plan);
        }
        let blocks = |o: &OwnerReference| o.uid == uid && o.block_owner_deletion == Some(true);
        if !owned.iter().any(|(_, m)| owners(m).iter().any(blocks)) {
            remove_finalizer(view, key, FOREGROUND, "nothing that it owns is left", &mut plan);
        }
    }
    plan
}

/// Whether the view shows everything that is as old as the object: kinds arrive one by one, and an owner that is not in
/// the view may be on its way to it.
fn is_settled(view: &View, metadata: &ObjectMeta) -> bool {
    let revision = metadata.resource_version.as_ref().and_then(|r| r.parse::<u64>().ok());
    owners(metadata).is_empty() || revision.unwrap_or(0) <= view.revision
}

/// Deletes an object none of whose owners is left; where some are, it forgets the others.
fn collect(view: &View, key: &Key, metadata: &ObjectMeta, plan: &mut Plan) {
    let lives = |o: &OwnerReference| {
        // Of a kind that is not served here nothing can be known: it counts as alive.
        let Some(owner) = owner_key(key, o) else { return true };
        view.metadata(&owner).is_some_and(|m| m.uid.as_deref() == Some(&o.uid))
    };
    let owners = owners(metadata);
    let living = owners.iter().filter(|o| lives(o)).count();
    if let Some(owner) = owners.first().filter(|_| living == 0) {
        delete(key, metadata, false, format!("its owner {} {} is gone", owner.kind, owner.name), plan);
    } else if living < owners.len() {
        keep_owners(view, key, lives, "an owner is gone", plan);
    }
}

fn owners(metadata: &ObjectMeta) -> &[OwnerReference] {
    metadata.owner_references.as_deref().unwrap_or_default()
}

/// The key of an owner: in the namespace of what it owns, or of the cluster.
fn owner_key(dependent: &Key, owner: &OwnerReference) -> Option<Key> {
    Some(Key::new(Kind::find(&owner.api_version, &owner.kind)?, &dependent.namespace, &owner.name))
}

fn everything(view: &View) -> impl Iterator<Item = (Key, &ObjectMeta)> {
    let keys = KINDS.iter().flat_map(|kind| view.keys(kind));
    keys.filter_map(|key| view.metadata(&key).map(|m| (key, m)))
}

fn owned<'a>(view: &'a View, uid: &str) -> Vec<(Key, &'a ObjectMeta)> {
    everything(view).filter(|(_, m)| owners(m).iter().any(|o| o.uid == uid)).collect()
}

fn has_finalizer(metadata: &ObjectMeta, name: &str) -> bool {
    metadata.finalizers.iter().flatten().any(|f| f == name)
}

fn delete(key: &Key, metadata: &ObjectMeta, foreground: bool, why: String, plan: &mut Plan) {
    let uid = metadata.uid.clone().unwrap_or_default();
    plan.push(Action::Delete { key: key.clone(), uid, grace: None, foreground }, why);
}

fn keep_owners(view: &View, key: &Key, keep: impl Fn(&OwnerReference) -> bool, why: &str, plan: &mut Plan) {
    let (Some(metadata), Some(mut object)) = (view.metadata(key), view.value(key)) else {
        return;
    };
    let kept: Vec<&OwnerReference> = owners(metadata).iter().filter(|o| keep(o)).collect();
    object["metadata"]["ownerReferences"] = serde_json::to_value(kept).unwrap_or(Value::Null);
    plan.push(Action::Update(key.kind, object), why);
}

fn remove_finalizer(view: &View, key: &Key, name: &str, why: &str, plan: &mut Plan) {
    let Some(mut object) = view.value(key) else {
        return;
    };
    if let Some(finalizers) = object["metadata"]["finalizers"].as_array_mut() {
        finalizers.retain(|f| f != name);
    }
    plan.push(Action::Update(key.kind, object), why);
}
