//! A disk without room: said so, and what runs goes on.

use crate::harness::workloads::{all, client, web};
use crate::harness::{LATER, Node, eventually};

/// A node whose state volume has this much room.
fn with_room(megabytes: u32) -> Node {
    let node = Node::new("full");
    let (label, volume) = (format!("wharf.node={}", node.name), format!("{}-state", node.name));
    let size = format!("o=size={megabytes}m");
    let tmpfs = ["--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", &size, "--label", &label, &volume];
    node.docker(&[&["volume", "create"], &tmpfs[..]].concat());
    node.bring_up();
    node
}

#[test]
fn a_full_disk_is_named_and_what_runs_goes_on() {
    let node = with_room(6);
    node.apply(&all(&[&web("web", 1), &client()]));
    let state = format!("{}-state:/state", node.name);
    let box_ = ["run", "--rm", "-v", &state, "busybox:1.36", "sh", "-c"];
    // Docker's own run, which ends when nothing more goes in.
    node.docker(&[&box_[..], &["dd if=/dev/zero of=/state/ballast bs=4k 2>/dev/null || true"]].concat());

    let settings = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {colour: blue}\n";
    let told = node.try_apply(settings, &[]).fails(3);
    assert!(told.contains("the disk of the Docker host that holds the node's state is full"), "{told}");
    assert!(told.contains("docker system df"), "{told}");
    node.get_in_pod("client", "http://web").unwrap();

    node.docker(&[&box_[..], &["rm /state/ballast"]].concat());
    eventually("there is room again", LATER, || (node.try_apply(settings, &[]).code == 0).then_some(()));
    assert_eq!(node.get("configmap settings")["data"]["colour"], "blue");
}
