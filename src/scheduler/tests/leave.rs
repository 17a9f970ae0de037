//! Who makes room, who leaves, and who is not the scheduler's.

use std::collections::BTreeSet;
use std::sync::Arc;

use insta::assert_snapshot;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::fit::Room;
use super::super::preempt::{priority, victims};
use super::{asks, decided, node, pod, text};
use crate::api::{Action, Key, Kind, Object, Timestamp, View};

fn running(name: &str, priority: i32, memory: &str) -> Pod {
    pod(name, json!({"nodeName": "wharf", "priority": priority, "containers": asks(memory)}))
}

#[test]
fn the_least_important_make_room_and_no_more_than_must() {
    let pods = || [running("a", 5, "300Mi"), running("b", 1, "300Mi"), running("c", 2, "300Mi")];
    let urgent = |priority: i32, memory: &str| pod("z", json!({"priority": priority, "containers": asks(memory)}));
    assert_snapshot!(text(node(&json!({})), pods().into_iter().chain([urgent(10, "400Mi")])), @r"
    delete Pod shop/b: default-scheduler: preempting to accommodate a higher priority pod
    warn Pod shop/z FailedScheduling: 0/1 nodes are available: 1 Insufficient memory, 1 Too many pods.
    ");
    assert_snapshot!(text(node(&json!({})), pods().into_iter().chain([urgent(3, "700Mi")])), @r"
    delete Pod shop/c: default-scheduler: preempting to accommodate a higher priority pod
    delete Pod shop/b: default-scheduler: preempting to accommodate a higher priority pod
    warn Pod shop/z FailedScheduling: 0/1 nodes are available: 1 Insufficient memory, 1 Too many pods.
    ");
    let mut patient = urgent(10, "400Mi");
    patient.spec.as_mut().unwrap().preemption_policy = Some("Never".to_owned());
    for helpless in [patient, urgent(1, "400Mi"), urgent(10, "2Gi")] {
        let told = text(node(&json!({})), pods().into_iter().chain([helpless]));
        assert!(told.starts_with("warn") && told.lines().count() == 1, "{told}");
    }
}

#[test]
fn a_promised_place_is_kept_until_the_victims_are_gone() {
    let mut view = View::of([node(&json!({}))]);
    view.extend([running("a", 0, "900Mi"), pod("z", json!({"priority": 9, "containers": asks("600Mi")}))]);
    carry_out(&mut view);
    let promised = |view: &View| view.get::<Pod>("shop", "z").unwrap().status.clone().unwrap().nominated_node_name;
    assert_eq!(promised(&view).as_deref(), Some("wharf"));
    let victim = view.get::<Pod>("shop", "a").unwrap();
    let condition = &victim.status.as_ref().unwrap().conditions.as_ref().unwrap()[0];
    assert_eq!(
        (condition.type_.as_str(), condition.reason.as_deref()),
        ("DisruptionTarget", Some("PreemptionByScheduler"))
    );
    view.extend([pod("small", json!({"containers": asks("100Mi")}))]);
    assert_snapshot!(decided(&view), @"warn Pod shop/small FailedScheduling: 0/1 nodes are available: 1 Insufficient memory.");
    view.remove(&Key::new(Kind::of::<Pod>(), "shop", "a"));
    assert_snapshot!(decided(&view), @r"
    update Pod shop/z: it fits on wharf
    update Pod shop/small: it fits on wharf
    ");
}

/// Carries a round out: what is deleted is on its way out.
fn carry_out(view: &mut View) {
    for step in super::plan(view, &Key::new(Kind::of::<Pod>(), "", ""), Timestamp::UNIX_EPOCH).steps {
        match step.action {
            Action::Update(kind, object) | Action::UpdateStatus(kind, object) => {
                view.insert(Key::of(kind, &object), (kind.decode)(&object).unwrap());
            }
            Action::Delete { key, .. } => {
                let mut gone = view.get::<Pod>(&key.namespace, &key.name).unwrap().clone();
                gone.metadata.deletion_timestamp = Some(Time(Timestamp::UNIX_EPOCH));
                view.insert(key, Arc::new(gone));
            }
            _ => {}
        }
    }
}

#[test]
fn who_does_not_bear_a_taint_leaves_at_once_or_in_time() {
    let taint = |added: Value| {
        let taint = json!({"key": "sick", "effect": "NoExecute", "timeAdded": added});
        node(&json!({"taints": [taint]}))
    };
    let bears = |name: &str, seconds: Value| {
        let bearing = json!([{"key": "sick", "operator": "Exists", "tolerationSeconds": seconds}]);
        pod(name, json!({"nodeName": "wharf", "tolerations": bearing}))
    };
    let pods = || [running("a", 0, "1Mi"), bears("b", json!(null)), bears("c", json!(60))];
    assert_snapshot!(text(taint(json!("1970-01-01T00:00:00Z")), pods()), @r"
    delete Pod shop/a: Taint manager: deleting due to NoExecute taint
    wake at 1970-01-01T00:01:00Z
    ");
    assert_snapshot!(text(taint(json!("1969-12-31T23:58:00Z")), pods()), @r"
    delete Pod shop/a: Taint manager: deleting due to NoExecute taint
    delete Pod shop/c: Taint manager: deleting due to NoExecute taint
    ");
    assert_snapshot!(text(taint(json!(null)), [bears("b", json!(null))]), @"update Node wharf: pods leave for its new taint");
}

#[test]
fn gates_hold_and_other_schedulers_pods_are_left_alone() {
    let gated = pod("a", json!({"schedulingGates": [{"name": "x/y"}]}));
    let mut view = View::of([node(&json!({}))]);
    view.extend([gated, pod("b", json!({"schedulerName": "mine"}))]);
    assert_snapshot!(decided(&view), @"");
    carry_out(&mut view);
    let status = view.get::<Pod>("shop", "a").unwrap().status.clone().unwrap();
    assert_eq!(status.conditions.unwrap()[0].reason.as_deref(), Some("SchedulingGated"));
    assert!(view.get::<Pod>("shop", "b").unwrap().status.is_none());
}

#[test]
fn a_cordon_is_for_those_who_do_not_tolerate_it() {
    let tolerating = json!([{"key": "node.kubernetes.io/unschedulable", "operator": "Exists"}]);
    let pods = [pod("a", json!({})), pod("b", json!({"tolerations": tolerating}))];
    assert_snapshot!(text(node(&json!({"unschedulable": true})), pods), @r"
    warn Pod shop/a FailedScheduling: 0/1 nodes are available: 1 node(s) were unschedulable.
    update Pod shop/b: it fits on wharf
    ");
}

proptest! {
    /// Only less important pods are ended, the pod fits then, and none of them could have been spared.
    #[test]
    fn preemption_does_the_least_harm(
        residents in prop::collection::vec((0..4_i32, 1..500_u32), 0..3), wanted in (0..5_i32, 1..1000_u32),
    ) {
        let node = node(&json!({}));
        let pods = residents.iter().enumerate().map(|(i, (p, mib))| running(&format!("r{i}"), *p, &format!("{mib}Mi")));
        let mut view = View::of([node.clone()]);
        view.extend(pods);
        let urgent = pod("z", json!({"priority": wanted.0, "containers": asks(&format!("{}Mi", wanted.1))}));
        let room = Room::on(&node, &view);
        let chosen = victims(&room, &urgent, &BTreeSet::new());
        let lower: Vec<&Pod> = view.all::<Pod>().filter(|p| priority(p) < wanted.0).collect();
        let mut emptied = room.clone();
        for pod in &lower {
            emptied.give(pod);
        }
        prop_assert_eq!(chosen.is_some(), !lower.is_empty() && emptied.refusals(&urgent).is_empty());
        let Some(chosen) = chosen else { return Ok(()) };
        prop_assert!(chosen.iter().all(|v| priority(v) < wanted.0));
        let without = |spared: Option<&Pod>| {
            let mut room = room.clone();
            let ended = chosen.iter().filter(|v| spared.is_none_or(|s| s.uid() != v.uid()));
            ended.for_each(|v| room.give(v));
            room.refusals(&urgent).is_empty()
        };
        prop_assert!(without(None));
        prop_assert!(chosen.iter().all(|v| !without(Some(v))), "{:?} need not all go", chosen.len());
    }
}
