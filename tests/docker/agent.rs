//! What dies comes back: containers, sandboxes, the agent, the node container; the service keeps its address.

use std::collections::BTreeSet;

use crate::harness::workloads::{all, client, web};
use crate::harness::{LATER, Node, eventually};

#[test]
fn two_replicas_answer_through_one_service_address() {
    let node = Node::up("replicas");
    node.apply(&all(&[&web("web", 2), &client()]));
    let url = format!("http://{}/", node.service_address("web"));
    let mut seen = BTreeSet::new();
    eventually("both pods answer", LATER, || {
        seen.extend(node.get_in_pod("client", &url).ok());
        (seen.len() == 2).then_some(())
    });
    let pods: BTreeSet<String> = node.names("pods -l app=web").into_iter().map(|name| name + "\n").collect();
    assert_eq!(seen, pods);
}
