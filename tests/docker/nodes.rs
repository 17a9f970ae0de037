//! Several nodes on one Docker host.

use crate::harness::workloads::{all, client, web};
use crate::harness::{LATER, Node, eventually};

#[test]
fn two_nodes_side_by_side_do_not_see_each_other() {
    let left = Node::up("left");
    let right = left.sibling("right");
    right.bring_up();
    // The same names, and different host ports: all there is on a Docker host that both could want.
    let published = |port: u16| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: front}}\n\
             spec: {{type: LoadBalancer, selector: {{app: web}}, ports: [{{port: {port}, targetPort: http}}]}}\n"
        )
    };
    let ports = [left.port(), right.port()];
    let nodes = [&left, &right];
    for (node, port) in nodes.into_iter().zip(ports) {
        node.apply(&all(&[&web("web", 1), &published(port), &client()]));
    }
    for (node, port) in nodes.into_iter().zip(ports) {
        let pod = node.names("pods -l app=web").remove(0);
        let address = format!("localhost:{port}");
        let get = || crate::harness::get(&address, "localhost", "/").ok().filter(|a| a.body.trim() == pod);
        eventually("the node's own pod answers at its port", LATER, get);
        assert_eq!(node.names("pods").len(), 2);
        assert_eq!(node.names("nodes"), [node.name.as_str()]);
    }
    // An address of the one is nothing to a pod of the other.
    let foreign = format!("http://{}/", left.service_address("web"));
    assert!(left.get_in_pod("client", &foreign).is_ok());
    assert!(right.get_in_pod("client", &foreign).is_err());
    let before = left.containers();
    right.wharf(&["delete", "deployment", "web"]).ok();
    right.wharf(&["down", "--volumes"]).ok();
    assert_eq!(left.containers(), before);
    assert!(left.get_in_pod("client", &foreign).is_ok());
}
