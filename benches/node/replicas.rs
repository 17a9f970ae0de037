//! How soon many pods of one Deployment are ready.

use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Pod;

use crate::compose::Compose;
use crate::harness::Node;
use crate::{live, told, wait};

const REPLICAS: usize = 20;
const ROUNDS: usize = 5;

pub fn run() {
    let node = Node::up("bench-replicas");
    let compose =
        Compose::new("bench-replicas", "services:\n  web: {image: 'busybox:1.36', command: [sleep, '3600']}\n");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(one(&node));
        node.wharf_with(&["delete", "-f", "-"], &manifest()).ok();
        if let Some(compose) = &compose {
            let began = Instant::now();
            compose.run(&["up", "-d", "--scale", &format!("web={REPLICAS}")]);
            theirs.push(began.elapsed());
            compose.run(&["down", "-t", "0"]);
        }
    }
    let (ours, words) = told(ours);
    println!("  wharf    {words}");
    if theirs.is_empty() {
        return println!("  no Compose to compare with: WHARF_COMPOSE names none");
    }
    let (theirs, words) = told(theirs);
    println!("  Compose  {words}: wharf takes {:.2} of it", ours.as_secs_f64() / theirs.as_secs_f64());
}

fn one(node: &Node) -> Duration {
    wait(async {
        let informer = live::pods(&node.name).await;
        let began = Instant::now();
        node.try_apply(&manifest(), &["--wait=false"]).ok();
        let ready = live::until(&informer, |view| view.all::<Pod>().filter(|p| live::is_ready(p)).count() == REPLICAS);
        ready.await - began
    })
}

fn manifest() -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {REPLICAS}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - {{name: web, image: 'busybox:1.36', command: [sleep, '3600']}}
"
    )
}
