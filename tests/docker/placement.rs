//! Which pods run when not all can, and what is said of the others.

use serde_json::Value;

use crate::harness::{LATER, Node, SOON, eventually};

const IDLE: &str = r#"command: [sh, -c, "trap exit TERM; while :; do sleep 1 & wait; done"]"#;

fn pod(name: &str, spec: &str, container: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {{app: {name}}}}}\nspec:\n  terminationGracePeriodSeconds: 1\n\
         {spec}  containers:\n    - name: c\n      image: busybox:1.36\n      {IDLE}\n{container}---\n"
    )
}

fn phase(node: &Node, pod: &str) -> String {
    node.get(&format!("pod {pod}"))["status"]["phase"].as_str().unwrap_or_default().to_owned()
}

fn condition(node: &Node, pod: &str, kind: &str) -> Value {
    let status = node.get(&format!("pod {pod}"))["status"].clone();
    let all = status["conditions"].as_array().cloned().unwrap_or_default();
    all.into_iter().find(|c| c["type"] == kind).unwrap_or_default()
}

fn events(node: &Node, reason: &str) -> Vec<String> {
    let all = node.list("events").into_iter().filter(|e| e["reason"] == reason);
    all.map(|e| e["message"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_pod_waits_with_the_reason_until_a_label_a_port_or_a_taint_lets_it_run() {
    let node = Node::up("waits");
    let name = node.name.clone();
    let told = node.get(&format!("node {name}"));
    let info = &told["status"]["nodeInfo"];
    assert!(info["containerRuntimeVersion"].as_str().unwrap().starts_with("docker://"), "{info}");
    assert!(!info["osImage"].as_str().unwrap().is_empty(), "{info}");
    assert!(told["status"]["allocatable"]["ephemeral-storage"].is_string(), "{told}");
    let labels = &told["metadata"]["labels"];
    assert_eq!((&labels["kubernetes.io/os"], &labels["beta.kubernetes.io/os"]), (&"linux".into(), &"linux".into()));

    let port = node.port();
    let taken = format!("      ports: [{{containerPort: 80, hostPort: {port}}}]\n");
    node.apply(&pod("first", "", &taken));
    let manifests = [
        pod("tape", "  nodeSelector: {disk: tape}\n", ""),
        pod("second", "", &taken),
        pod("gated", "  schedulingGates: [{name: example.org/approved}]\n", ""),
        pod("foreign", "  schedulerName: another\n", ""),
    ];
    node.wharf_with(&["apply", "-f", "-", "--wait=false"], &manifests.concat()).ok();
    let why = |pod: &str| condition(&node, pod, "PodScheduled")["message"].as_str().unwrap_or_default().to_owned();
    let waits = |pod: &str, words: &str| eventually(words, SOON, || why(pod).contains(words).then_some(()));
    waits("tape", "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.");
    waits("second", "1 node(s) didn't have free ports for the requested pod ports");
    assert_eq!(condition(&node, "gated", "PodScheduled")["reason"], "SchedulingGated");
    assert!(condition(&node, "foreign", "PodScheduled").is_null());

    // What a user writes on the Node stays there.
    let own = format!("apiVersion: v1\nkind: Node\nmetadata: {{name: {name}, labels: {{disk: tape}}}}\n");
    node.wharf_with(&["apply", "-f", "-"], &own).ok();
    eventually("it runs once the node has the label", SOON, || (phase(&node, "tape") == "Running").then_some(()));
    assert_eq!(node.get(&format!("node {name}"))["metadata"]["labels"]["kubernetes.io/os"], "linux");
    node.wharf(&["delete", "pod", "first"]).ok();
    eventually("it runs once the port is free", SOON, || (phase(&node, "second") == "Running").then_some(()));

    // Who does not bear the taint leaves, and nobody new comes.
    let tainted = format!("{own}spec: {{taints: [{{key: sick, effect: NoExecute}}]}}\n");
    node.wharf_with(&["apply", "-f", "-"], &tainted).ok();
    eventually("it leaves", SOON, || (node.wharf(&["get", "pod", "second"]).code != 0).then_some(()));
    node.wharf_with(&["apply", "-f", "-", "--wait=false"], &pod("late", "", "")).ok();
    waits("late", "1 node(s) had untolerated taint {sick: }");
    node.wharf_with(&["apply", "-f", "-"], &own).ok();
    eventually("it runs once the taint is gone", SOON, || (phase(&node, "late") == "Running").then_some(()));
}

#[test]
fn an_important_pod_ends_a_less_important_one_where_there_is_no_room_for_both() {
    let node = Node::up("urgent");
    let bytes = node.get(&format!("node {}", node.name))["status"]["allocatable"]["memory"].clone();
    let kib: u64 = bytes.as_str().unwrap().trim_end_matches("Ki").parse().unwrap();
    let asks = format!("      resources: {{requests: {{memory: {}Ki}}}}\n", kib / 10 * 6);
    let class = "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 1000\n---\n";
    node.apply(&pod("low", "", &asks));
    node.wharf_with(&["apply", "-f", "-", "--wait=false"], &pod("equal", "", &asks)).ok();
    let waits = || condition(&node, "equal", "PodScheduled")["message"].as_str().map(str::to_owned);
    let why = eventually("no room for an equal one", SOON, waits);
    assert!(why.contains("1 Insufficient memory"), "{why}");
    node.wharf(&["delete", "pod", "equal"]).ok();

    node.apply(&format!("{class}{}", pod("urgent", "  priorityClassName: high\n", &asks)));
    assert_eq!(node.get("pod urgent")["spec"]["priority"], 1000);
    eventually("the less important one is gone", LATER, || {
        (node.wharf(&["get", "pod", "low"]).code != 0).then_some(())
    });
    let uid = node.get("pod urgent")["metadata"]["uid"].as_str().unwrap().to_owned();
    assert_eq!(events(&node, "Preempted"), [format!("Preempted by pod {uid} on node {}", node.name)]);
    let refused = node.try_apply(&pod("unknown", "  priorityClassName: none\n", ""), &[]);
    assert!(refused.err.contains("no PriorityClass with name none was found"), "{refused}");
}
