//! ReplicaSets, and so ReplicationControllers: what is made, adopted, released and deleted first.

use insta::assert_snapshot;
use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use super::{keys, plan};
use crate::api::{Key, Kind, Object, Timestamp, View};

fn set(replicas: i32) -> ReplicaSet {
    let set = json!({
        "metadata": {"name": "web", "namespace": "shop", "uid": "rs1", "generation": 1},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}},
        },
    });
    serde_json::from_value(set).unwrap()
}

/// A pod of the set in the given state: `unbound`, `pending`, `unready`, or ready since a second.
fn pod(name: &str, state: &str, restarts: i32) -> Pod {
    let since = state.parse::<i64>().ok().map(|s| Timestamp::from_second(s).unwrap());
    let node = if state == "unbound" { Value::Null } else { json!("wharf") };
    let phase = if state.parse::<i64>().is_ok() || state == "unready" { "Running" } else { "Pending" };
    let ready = since.map(|t| json!([{"type": "Ready", "status": "True", "lastTransitionTime": t}]));
    let pod = json!({
        "metadata": {
            "name": name, "namespace": "shop", "uid": name, "labels": {"app": "web"}, "creationTimestamp": "1970-01-01T00:00:00Z",
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "rs1", "controller": true}],
        },
        "spec": {"nodeName": node, "containers": []},
        "status": {
            "phase": phase, "conditions": ready,
            "containerStatuses": [{"name": "web", "image": "", "imageID": "", "ready": since.is_some(), "restartCount": restarts}],
        },
    });
    serde_json::from_value(pod).unwrap()
}

fn text(set: ReplicaSet, pods: Vec<Pod>, second: i64) -> String {
    let key = set.key();
    let mut view = View::of([set]);
    view.extend(pods);
    plan::<ReplicaSet>(&view, &key, Timestamp::from_second(second).unwrap()).to_string()
}

#[test]
fn missing_pods_are_made_with_names_that_are_free() {
    let first = text(set(2), vec![], 0);
    assert_snapshot!(first, @r#"
    create Pod shop/web-8w2qz: 2 wanted, 0 there
    event ReplicaSet shop/web SuccessfulCreate: Created pod: web-8w2qz
    create Pod shop/web-7sdbh: 2 wanted, 0 there
    event ReplicaSet shop/web SuccessfulCreate: Created pod: web-7sdbh
    status ReplicaSet shop/web {"observedGeneration":1,"replicas":0}
    "#);
    let name = first.split_whitespace().nth(2).unwrap().trim_start_matches("shop/").trim_end_matches(':');
    let mut ending = pod(name, "5", 0);
    ending.metadata.deletion_timestamp = ending.metadata.creation_timestamp.clone();
    let again = text(set(2), vec![ending], 0);
    assert!(!again.contains(name), "{name} is still on its way out:\n{again}");
    assert!(!text(set(2), vec![], 1).contains(name), "names come from the time");
}

#[test]
fn the_pod_that_is_missed_least_goes_first() {
    let mut cheap = pod("cheap", "10", 0);
    cheap.metadata.annotations =
        Some([("controller.kubernetes.io/pod-deletion-cost".to_owned(), "-1".to_owned())].into());
    let mut pods = vec![
        pod("oldest", "10", 0),
        pod("restarted", "10", 3),
        pod("younger", "20", 0),
        cheap,
        pod("unready", "unready", 0),
        pod("pending", "pending", 0),
        pod("unbound", "unbound", 0),
    ];
    let mut order = Vec::new();
    while !pods.is_empty() {
        let left = i32::try_from(pods.len()).unwrap() - 1;
        let text = text(set(left), pods.clone(), 60);
        let gone = text.lines().next().unwrap().split_whitespace().nth(2).unwrap();
        let gone = gone.trim_start_matches("shop/").trim_end_matches(':').to_owned();
        pods.retain(|p| p.name() != gone);
        order.push(gone);
        pods.reverse();
    }
    assert_eq!(order, ["unbound", "pending", "unready", "cheap", "younger", "restarted", "oldest"]);
}

#[test]
fn pods_are_adopted_and_released_by_their_labels() {
    let mut orphan = pod("orphan", "5", 0);
    orphan.metadata.owner_references = None;
    let mut relabelled = pod("relabelled", "5", 0);
    relabelled.metadata.labels = None;
    let mut others = pod("others", "5", 0);
    others.metadata.owner_references.as_mut().unwrap()[0].uid = "rs2".to_owned();
    assert_snapshot!(text(set(1), vec![orphan, relabelled, others], 60), @r#"
    update Pod shop/orphan: web selects it
    update Pod shop/relabelled: web does not select it any more
    status ReplicaSet shop/web {"availableReplicas":1,"fullyLabeledReplicas":1,"observedGeneration":1,"readyReplicas":1,"replicas":1}
    "#);
}

#[test]
fn a_ready_pod_becomes_available_after_its_time() {
    let mut set = set(1);
    set.spec.as_mut().unwrap().min_ready_seconds = Some(10);
    assert_snapshot!(text(set.clone(), vec![pod("a", "5", 0)], 14), @r#"
    status ReplicaSet shop/web {"fullyLabeledReplicas":1,"observedGeneration":1,"readyReplicas":1,"replicas":1}
    wake at 1970-01-01T00:00:15Z
    "#);
    assert!(text(set, vec![pod("a", "5", 0)], 15).contains(r#""availableReplicas":1"#));
}

#[test]
fn a_finished_pod_is_replaced_and_one_that_is_gone_concerns_all() {
    let mut failed = pod("failed", "unready", 0);
    failed.status.as_mut().unwrap().phase = Some("Failed".to_owned());
    assert!(text(set(1), vec![failed], 0).starts_with("create Pod"));
    let gone = Key::new(Kind::of::<Pod>(), "shop", "gone");
    assert_eq!(keys::<ReplicaSet>(&View::of([set(1)]), &gone), [set(1).key()]);
}
