//! Garbage: what goes, what stays, and what waits.

use std::collections::{BTreeMap, BTreeSet};

use insta::assert_snapshot;
use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{OwnerReference, Time};
use proptest::prelude::*;
use serde_json::json;

use super::{keys, plan};
use crate::api::{Action, Key, Kind, Object, Timestamp, View};

fn set(name: &str, uid: &str, finalizer: Option<&str>) -> ReplicaSet {
    let finalizers: Vec<&str> = finalizer.into_iter().collect();
    let mut set: ReplicaSet = serde_json::from_value(json!({
        "metadata": {"name": name, "namespace": "shop", "uid": uid, "finalizers": finalizers},
    }))
    .unwrap();
    set.metadata.deletion_timestamp = finalizer.map(|_| Time(Timestamp::UNIX_EPOCH));
    set
}

fn pod(name: &str, owners: &[(&str, &str)]) -> Pod {
    let owner = |(kind, uid): &(&str, &str)| OwnerReference {
        api_version: if *kind == "ReplicaSet" { "apps/v1" } else { "example.org/v1" }.to_owned(),
        kind: (*kind).to_owned(),
        name: "web".to_owned(),
        uid: (*uid).to_owned(),
        controller: None,
        block_owner_deletion: Some(true),
    };
    let mut pod = Pod::default();
    pod.metadata.name = Some(name.to_owned());
    pod.metadata.namespace = Some("shop".to_owned());
    pod.metadata.uid = Some(format!("uid-{name}"));
    pod.metadata.owner_references = Some(owners.iter().map(owner).collect());
    pod
}

fn text(view: &View, key: &Key) -> String {
    plan(view, key, Timestamp::UNIX_EPOCH).to_string()
}

#[test]
fn an_object_goes_with_its_last_owner_and_not_before() {
    let text = |owners: &[(&str, &str)], sets: Vec<ReplicaSet>| {
        let mut view = View::of([pod("a", owners)]);
        view.extend(sets);
        text(&view, &pod("a", &[]).key())
    };
    let alive = || vec![set("web", "1", None)];
    assert_snapshot!(text(&[("ReplicaSet", "1")], alive()), @"");
    assert_snapshot!(text(&[("ReplicaSet", "1")], vec![]), @"delete Pod shop/a: its owner ReplicaSet web is gone");
    assert_snapshot!(text(&[("ReplicaSet", "0")], alive()), @"delete Pod shop/a: its owner ReplicaSet web is gone");
    assert_snapshot!(text(&[("ReplicaSet", "0"), ("ReplicaSet", "1")], alive()), @"update Pod shop/a: an owner is gone");
    assert_snapshot!(text(&[("Robot", "7")], vec![]), @"");
    assert_snapshot!(text(&[], vec![]), @"");
}

#[test]
fn an_object_newer_than_the_view_waits_for_its_owner_to_arrive() {
    let mut new = pod("a", &[("ReplicaSet", "1")]);
    new.metadata.resource_version = Some("8".to_owned());
    let mut view = View::of([new.clone()]);
    view.revision = 7;
    assert_snapshot!(text(&view, &new.key()), @"wake at 1970-01-01T00:00:01Z");
    view.revision = 8;
    assert_snapshot!(text(&view, &new.key()), @"delete Pod shop/a: its owner ReplicaSet web is gone");
}

#[test]
fn in_the_foreground_the_owner_goes_last() {
    let owner = set("web", "1", Some("foregroundDeletion"));
    let mut view = View::of([owner.clone()]);
    view.extend([pod("a", &[("ReplicaSet", "1")]), pod("b", &[])]);
    assert_snapshot!(text(&view, &owner.key()), @"delete Pod shop/a: ReplicaSet shop/web is deleted after it");
    let gone = pod("a", &[]).key();
    view.remove(&gone);
    assert_eq!(keys(&view, &gone), [owner.key()]);
    assert_snapshot!(text(&view, &owner.key()), @"update ReplicaSet shop/web: nothing that it owns is left");
}

#[test]
fn in_the_foreground_each_generation_waits_for_the_next() {
    let owner = set("web", "1", Some("foregroundDeletion"));
    let mut view = View::of([owner.clone()]);
    view.extend([pod("a", &[("ReplicaSet", "1")])]);
    let mut map = ConfigMap::default();
    map.metadata.name = Some("of-a".to_owned());
    map.metadata.namespace = Some("shop".to_owned());
    map.metadata.owner_references = Some(vec![pod("a", &[]).owner_reference()]);
    view.extend([map]);
    assert_snapshot!(text(&view, &owner.key()), @"delete Pod shop/a after what it owns: ReplicaSet shop/web is deleted after it");
}

#[test]
fn an_owner_that_orphans_leaves_what_it_owned() {
    let owner = set("web", "1", Some("orphan"));
    let mut view = View::of([owner.clone()]);
    view.extend([pod("a", &[("ReplicaSet", "1")])]);
    assert_snapshot!(text(&view, &owner.key()), @"update Pod shop/a: ReplicaSet shop/web leaves it behind");
    view.extend([pod("a", &[])]);
    assert_snapshot!(text(&view, &owner.key()), @"update ReplicaSet shop/web: it owns nothing any more");
}

#[test]
fn what_a_gone_object_owned_is_looked_at() {
    let mut view = View::of([pod("a", &[("ReplicaSet", "1")]), pod("b", &[])]);
    view.extend([ConfigMap::default()]);
    let gone = Key::new(Kind::of::<ReplicaSet>(), "shop", "web");
    assert_eq!(keys(&view, &gone), [pod("a", &[]).key()]);
}

proptest! {
    /// Sets named 0 to 5 of which some live, and pods owned by any of them, in both orders of insertion.
    #[test]
    fn nothing_whose_owner_lives_is_collected(
        living in prop::collection::btree_set(0..6_u8, 0..6),
        pods in prop::collection::btree_map(0..20_u8, prop::collection::btree_set(0..6_u8, 0..3), 0..20),
    ) {
        let sets: Vec<ReplicaSet> = living.iter().map(|n| set(&n.to_string(), &format!("u{n}"), None)).collect();
        let owned: Vec<Pod> = pods.iter().map(|(name, owners)| owned_pod(*name, owners)).collect();
        let mut view = View::of(sets.clone());
        view.extend(owned.clone());
        let mut reversed = View::of(owned.iter().rev().cloned());
        reversed.extend(sets.into_iter().rev());
        for pod in &owned {
            let decided = plan(&view, &pod.key(), Timestamp::UNIX_EPOCH);
            prop_assert_eq!(&decided, &plan(&reversed, &pod.key(), Timestamp::UNIX_EPOCH));
            let names: BTreeMap<&str, bool> = pod.metadata.owner_references.iter().flatten()
                .map(|o| (o.name.as_str(), living.contains(&o.name.parse().unwrap()))).collect();
            let goes = decided.steps.iter().any(|s| matches!(s.action, Action::Delete { .. }));
            prop_assert_eq!(goes, !names.is_empty() && !names.values().any(|lives| *lives));
        }
    }
}

fn owned_pod(name: u8, owners: &BTreeSet<u8>) -> Pod {
    let mut pod = pod(&name.to_string(), &vec![("ReplicaSet", ""); owners.len()]);
    for (reference, owner) in pod.metadata.owner_references.iter_mut().flatten().zip(owners) {
        reference.name = owner.to_string();
        reference.uid = format!("u{owner}");
    }
    pod
}
