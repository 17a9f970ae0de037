//! What dies comes back: containers, sandboxes, the agent, the node container; the service keeps its address.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::workloads::{all, client, web};
use crate::harness::{Container, LATER, Node, eventually};

/// A node with a web Deployment of so many pods and a client, and the URL of the service's address.
fn web_node(name: &str, replicas: u32) -> (Node, String) {
    let node = Node::up(name);
    node.apply(&all(&[&web("web", replicas), &client()]));
    let url = format!("http://{}/", node.service_address("web"));
    (node, url)
}

/// The one pod of `web`, once it is ready and alone.
fn ready_pod(node: &Node) -> Value {
    eventually("web has one pod, and it is ready", LATER, || {
        let pods = node.list("pods -l app=web");
        let [pod] = &pods[..] else { return None };
        (pod["status"]["containerStatuses"][0]["ready"] == true).then(|| pod.clone())
    })
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap()
}

fn restarts(pod: &Value) -> i64 {
    pod["status"]["containerStatuses"][0]["restartCount"].as_i64().unwrap()
}

/// Insists that the one pod answers at the service's old address.
fn answers(node: &Node, url: &str, pod: &str) {
    assert_eq!(format!("http://{}/", node.service_address("web")), url);
    eventually("the pod answers at the address", LATER, || {
        node.get_in_pod("client", url).ok().filter(|p| p.trim() == pod)
    });
}

/// Has `kill` end the container of a pod, and insists that another one takes its place in the same pod.
fn comes_back_in_its_pod(node: &Node, url: &str, kill: impl Fn(&Container)) -> Container {
    let before = ready_pod(node);
    let pod = name(&before).to_owned();
    let (old, sandbox) = (node.container(&pod, "web").unwrap(), node.sandbox(&pod).unwrap());
    kill(&old);
    let new = eventually("another container runs", LATER, || node.container(&pod, "web").filter(|c| c.id != old.id));
    let after = eventually("the pod counts the restart", LATER, || {
        Some(ready_pod(node)).filter(|after| restarts(after) == restarts(&before) + 1)
    });
    assert_eq!(after["metadata"]["uid"], before["metadata"]["uid"]);
    assert_eq!(after["status"]["podIP"], before["status"]["podIP"]);
    assert_eq!(node.sandbox(&pod), Some(sandbox));
    answers(node, url, &pod);
    new
}

#[test]
fn two_replicas_answer_through_one_service_address() {
    let (node, url) = web_node("replicas", 2);
    let mut seen = BTreeSet::new();
    eventually("both pods answer", LATER, || {
        seen.extend(node.get_in_pod("client", &url).ok());
        (seen.len() == 2).then_some(())
    });
    let pods: BTreeSet<String> = node.names("pods -l app=web").into_iter().map(|name| name + "\n").collect();
    assert_eq!(seen, pods);
}

#[test]
fn a_killed_container_comes_back_in_the_same_pod() {
    let (node, url) = web_node("killed", 1);
    let new = comes_back_in_its_pod(&node, &url, |old| drop(node.docker(&["kill", &old.id])));
    let pod = name(&ready_pod(&node)).to_owned();
    assert_eq!(new.label("wharf.attempt"), "1");
    assert_eq!(new.name, format!("{}.default.{pod}.web.1", node.name));
    let events = node.wharf(&["describe", "pod", &pod]).ok();
    assert!(events.contains("Started"), "{events}");
}

#[test]
fn a_container_removed_behind_wharfs_back_comes_back() {
    let (node, url) = web_node("removed", 1);
    comes_back_in_its_pod(&node, &url, |old| drop(node.docker(&["rm", "-f", &old.id])));
}

#[test]
fn a_killed_sandbox_comes_back() {
    let (node, url) = web_node("sandbox", 1);
    for how in [&["kill"][..], &["rm", "-f"]] {
        let before = ready_pod(&node);
        let pod = name(&before).to_owned();
        let old = node.sandbox(&pod).unwrap();
        node.docker(&[how, &[old.id.as_str()]].concat());
        eventually("another sandbox runs", LATER, || node.sandbox(&pod).filter(|c| c.id != old.id));
        answers(&node, &url, &pod);
        let after = ready_pod(&node);
        assert_eq!(after["metadata"]["uid"], before["metadata"]["uid"]);
        assert_eq!(after["status"]["podIP"], node.sandbox(&pod).unwrap().address);
    }
}

/// The processes of the node container on the host, by command line.
fn process(node: &Node, program: &str) -> Option<String> {
    let top = node.docker(&["top", &node.name, "-eo", "pid,args"]);
    let line = top.lines().find(|line| line.ends_with(program))?;
    line.split_whitespace().next().map(str::to_owned)
}

#[test]
fn a_killed_agent_comes_back_and_the_traffic_never_stops() {
    let (node, url) = web_node("agent", 2);
    let before = node.containers();
    let traffic = node.traffic("client", &url);
    for _ in 0..3 {
        let old = process(&node, "agent").expect("there is an agent");
        // The process is in a container of this scenario's own.
        std::process::Command::new("kill").args(["-9", &old]).status().unwrap();
        eventually("another agent runs", LATER, || process(&node, "agent").filter(|new| *new != old));
        eventually("it answers", LATER, || (node.wharf(&["get", "pods"]).code == 0).then_some(()));
    }
    // It still does its work.
    node.wharf(&["delete", "pod", &node.names("pods -l app=web")[0]]).ok();
    eventually("the Deployment has all pods again", LATER, || {
        (node.get("deployment web")["status"]["readyReplicas"] == 2).then_some(())
    });
    let counts = traffic.stop();
    assert!(counts.bad == 0 && counts.good >= 50, "{counts:?}");
    let same = node.containers().iter().filter(|c| before.contains(c)).count();
    assert_eq!(same, before.len() - 2, "all but the deleted pod's are as they were");
}

#[test]
fn a_removed_node_container_comes_back_with_the_same_addresses() {
    let (node, url) = web_node("node", 2);
    let (before, own) = (node.containers(), node.own());
    node.docker(&["rm", "-f", &own.id]);
    node.bring_up();
    let new = node.own();
    assert_ne!(new.id, own.id);
    assert_eq!(new.address, own.address);
    eventually("the service answers", LATER, || node.get_in_pod("client", &url).ok());
    assert_eq!(format!("http://{}/", node.service_address("web")), url);
    let after = node.containers();
    assert!(before.iter().filter(|c| **c != own).all(|c| after.contains(c)), "{before:#?}\n{after:#?}");
}
