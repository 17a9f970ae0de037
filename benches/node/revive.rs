//! How soon a killed container is ready again.

use std::time::Instant;

use k8s_openapi::api::core::v1::Pod;
use wharf::api::Object;

use crate::harness::Node;
use crate::harness::workloads::web;
use crate::{live, told, wait};

pub fn run() {
    let node = Node::up("bench-revive");
    node.apply(&web("web", 20));
    let containers = node.containers();
    let mut times = Vec::new();
    wait(async {
        let informer = live::pods(&node.name).await;
        for container in containers.iter().filter(|c| c.label("wharf.container") == "web") {
            let began = Instant::now();
            node.docker(&["kill", &container.id]);
            let name = container.label("wharf.pod");
            let ready = live::until(&informer, |view| {
                let restarted = |pod: &Pod| {
                    let statuses = pod.status.iter().flat_map(|s| s.container_statuses.iter().flatten());
                    statuses.map(|c| c.restart_count).sum::<i32>() == 1
                };
                view.all::<Pod>().any(|pod| pod.name() == name && restarted(pod) && live::is_ready(pod))
            });
            times.push(ready.await - began);
        }
    });
    println!("  {}", told(times).1);
}
