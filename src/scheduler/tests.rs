//! Which pods are bound, in which order, and what is said of the others.

mod labels;
mod leave;

use insta::assert_snapshot;
use k8s_openapi::api::core::v1::{Node, PersistentVolumeClaim, Pod};
use k8s_openapi::api::storage::v1::StorageClass;
use serde_json::{Value, json};

use super::{keys, plan};
use crate::api::{Key, Kind, Timestamp, View};

fn node(spec: &Value) -> Node {
    serde_json::from_value(json!({
        "metadata": {"name": "wharf", "labels": {"disk": "ssd"}},
        "spec": spec,
        "status": {"allocatable": {"cpu": "2", "memory": "1Gi", "pods": "3"}},
    }))
    .unwrap()
}

fn pod(name: &str, spec: Value) -> Pod {
    let mut spec = spec;
    if spec["containers"].is_null() {
        spec["containers"] = json!([]);
    }
    serde_json::from_value(json!({"metadata": {"name": name, "namespace": "shop", "uid": name}, "spec": spec})).unwrap()
}

fn asks(memory: &str) -> Value {
    json!([{"name": "c", "resources": {"requests": {"memory": memory}}}])
}

fn port(port: i32, ip: &str, protocol: &str) -> Value {
    json!([{"name": "c", "ports": [{"containerPort": 80, "hostPort": port, "hostIP": ip, "protocol": protocol}]}])
}

/// The plan without statuses.
fn text(node: Node, pods: impl IntoIterator<Item = Pod>) -> String {
    let mut view = View::of([node]);
    view.extend(pods);
    decided(&view)
}

fn decided(view: &View) -> String {
    let plan = plan(view, &Key::new(Kind::of::<Node>(), "", ""), Timestamp::UNIX_EPOCH).to_string();
    plan.lines().filter(|l| !l.starts_with("status") && !l.starts_with("event")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_more_important_pod_gets_the_room() {
    let pods = [
        pod("a", json!({"containers": asks("600Mi")})),
        pod("b", json!({"containers": asks("600Mi"), "priority": 100})),
        pod("c", json!({"containers": asks("400Mi")})),
    ];
    assert_snapshot!(text(node(&json!({})), pods), @r"
    update Pod shop/b: it fits on wharf
    warn Pod shop/a FailedScheduling: 0/1 nodes are available: 1 Insufficient memory.
    update Pod shop/c: it fits on wharf
    ");
}

#[test]
fn every_reason_is_given() {
    let mut running = pod("running", json!({"nodeName": "wharf", "containers": port(80, "", "TCP")}));
    let tight = json!({"unschedulable": true, "taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]});
    let mut asking = json!({"containers": port(80, "127.0.0.1", "TCP"), "nodeSelector": {"disk": "tape"}});
    asking["containers"][0]["resources"] = json!({"limits": {"cpu": "3"}});
    assert_snapshot!(text(node(&tight), [running.clone(), pod("a", asking)]), @"warn Pod shop/a FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu, 1 node(s) didn't have free ports for the requested pod ports, 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint {gpu: yes}, 1 node(s) were unschedulable.");
    running.status = serde_json::from_value(json!({"phase": "Succeeded"})).unwrap();
    let tolerating = json!({"containers": port(80, "", "TCP"), "tolerations": [{"operator": "Exists"}]});
    let tainted = json!({"taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]});
    assert_snapshot!(text(node(&tainted), [running, pod("a", tolerating)]), @"update Pod shop/a: it fits on wharf");
}

#[test]
fn host_ports_clash_by_protocol_and_address() {
    let pods = [
        pod("a", json!({"containers": port(53, "127.0.0.1", "TCP")})),
        pod("b", json!({"containers": port(53, "127.0.0.1", "UDP")})),
        pod("c", json!({"containers": port(53, "127.0.0.2", "TCP")})),
        pod("d", json!({"containers": port(53, "0.0.0.0", "TCP")})),
    ];
    assert_snapshot!(text(node(&json!({})), pods), @r"
    update Pod shop/a: it fits on wharf
    update Pod shop/b: it fits on wharf
    update Pod shop/c: it fits on wharf
    warn Pod shop/d FailedScheduling: 0/1 nodes are available: 1 Too many pods, 1 node(s) didn't have free ports for the requested pod ports.
    ");
}

#[test]
fn claims_must_be_there_and_bound_unless_they_wait_for_the_pod() {
    let using = pod("a", json!({"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]}));
    let mut view = View::of([node(&json!({}))]);
    view.extend([using]);
    assert_snapshot!(decided(&view), @r#"warn Pod shop/a FailedScheduling: 0/1 nodes are available: persistentvolumeclaim "data" not found."#);
    let claim = |phase: &str| -> PersistentVolumeClaim {
        serde_json::from_value(json!({
            "metadata": {"name": "data", "namespace": "shop"}, "spec": {"storageClassName": "late"}, "status": {"phase": phase},
        }))
        .unwrap()
    };
    view.extend([claim("Pending")]);
    assert_snapshot!(decided(&view), @"warn Pod shop/a FailedScheduling: 0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.");
    let late = json!({"metadata": {"name": "late"}, "provisioner": "x", "volumeBindingMode": "WaitForFirstConsumer"});
    view.extend([serde_json::from_value::<StorageClass>(late).unwrap()]);
    assert_snapshot!(decided(&view), @"update Pod shop/a: it fits on wharf");
    view.remove(&Key::new(Kind::of::<StorageClass>(), "", "late"));
    view.extend([claim("Bound")]);
    assert_snapshot!(decided(&view), @"update Pod shop/a: it fits on wharf");
}

#[test]
fn a_claim_for_one_pod_at_a_time_goes_to_one() {
    let volumes = json!({"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]});
    let claim: PersistentVolumeClaim = serde_json::from_value(json!({
        "metadata": {"name": "data", "namespace": "shop"}, "spec": {"accessModes": ["ReadWriteOncePod"]},
        "status": {"phase": "Bound"},
    }))
    .unwrap();
    let mut view = View::of([node(&json!({}))]);
    view.extend([pod("a", volumes.clone()), pod("b", volumes.clone())]);
    view.extend([claim]);
    assert_snapshot!(decided(&view), @r"
    update Pod shop/a: it fits on wharf
    warn Pod shop/b FailedScheduling: 0/1 nodes are available: 1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.
    ");
    let mut ended = pod("a", volumes);
    ended.status = serde_json::from_value(json!({"phase": "Succeeded"})).unwrap();
    view.extend([ended]);
    assert!(decided(&view).contains("update Pod shop/b: it fits on wharf"));
}

#[test]
fn an_ephemeral_volume_waits_for_its_claim() {
    let volumes = json!({"volumes": [{"name": "d", "ephemeral": {"volumeClaimTemplate": {"spec": {}}}}]});
    let mut view = View::of([node(&json!({}))]);
    view.extend([pod("a", volumes)]);
    assert_snapshot!(decided(&view), @r#"warn Pod shop/a FailedScheduling: 0/1 nodes are available: waiting for ephemeral volume controller to create the persistentvolumeclaim "a-d"."#);
}

#[test]
fn a_reason_that_is_known_is_not_told_again() {
    let mut pod = pod("a", json!({"containers": asks("2Gi")}));
    assert_eq!(text(node(&json!({})), [pod.clone()]).lines().count(), 1);
    pod.status = serde_json::from_value(json!({"conditions": [{
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": "0/1 nodes are available: 1 Insufficient memory.",
    }]}))
    .unwrap();
    assert_snapshot!(text(node(&json!({})), [pod]), @"");
}

#[test]
fn an_init_container_counts_where_it_needs_more_than_the_rest() {
    let spec = json!({
        "initContainers": [
            {"name": "sidecar", "restartPolicy": "Always", "resources": {"requests": {"cpu": "100m"}}},
            {"name": "init", "resources": {"requests": {"cpu": "500m"}}},
        ],
        "containers": [{"name": "a", "resources": {"requests": {"cpu": "200m"}}}, {"name": "b"}],
    });
    assert_eq!(super::request::of(&pod("a", spec))["cpu"], 600);
}

#[test]
fn there_is_nothing_to_do_without_a_waiting_pod() {
    let view = View::of([pod("a", json!({"nodeName": "wharf"}))]);
    assert_eq!(keys(&view, &Key::new(Kind::of::<Pod>(), "shop", "a")), []);
    let view = View::of([pod("a", json!({}))]);
    assert_eq!(keys(&view, &Key::new(Kind::of::<Pod>(), "shop", "a")).len(), 1);
}
