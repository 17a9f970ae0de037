//! Pods a second.

use std::time::{Duration, SystemTime};

use k8s_openapi::jiff::Timestamp;

use crate::harness::Node;
use crate::{bare, wait};

const PODS: usize = 50;
const ROUNDS: usize = 3;

pub fn run() {
    let (mut ours, mut pairs, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    let node = Node::up("bench-pods");
    for _ in 0..ROUNDS {
        ours.push(apply(&node));
        let (whole, single) = wait(bare::measure(&node));
        pairs.push(whole);
        alone.push(single);
        node.wharf_with(&["delete", "-f", "-"], &manifest()).ok();
    }
    let rate = |mut times: Vec<Duration>| {
        times.sort();
        PODS as f64 / times[times.len() / 2].as_secs_f64()
    };
    let (ours, pairs, alone) = (rate(ours), rate(pairs), rate(alone));
    println!("  wharf                                  {ours:5.2} a second");
    println!("  bare engine, sandboxes and containers  {pairs:5.2} a second: wharf is at {:.2}", ours / pairs);
    println!("  bare engine, containers alone          {alone:5.2} a second: wharf is at {:.2}", ours / alone);
}

fn manifest() -> String {
    let pod = |n| {
        format!(
            "apiVersion: v1
kind: Pod
metadata: {{name: pod-{n}}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - {{name: app, image: 'busybox:1.36', command: [sleep, '3600']}}
"
        )
    };
    (0..PODS).map(pod).collect::<Vec<_>>().join("---\n")
}

/// From the start of the command to that of the last container, as the engine has it.
fn apply(node: &Node) -> Duration {
    let began = Timestamp::try_from(SystemTime::now()).unwrap();
    node.apply(&manifest());
    let apps = node.containers().into_iter().filter(|c| !c.label("wharf.container").is_empty());
    let last = apps.map(|c| c.started.parse::<Timestamp>().unwrap()).max().unwrap();
    last.duration_since(began).try_into().unwrap()
}
