//! An apply that has nothing to do.

use std::time::{Duration, Instant};

use crate::compose::Compose;
use crate::harness::Node;
use crate::told;

const SERVICES: usize = 50;
const ROUNDS: usize = 15;

pub fn run() {
    let node = Node::up("bench-again");
    let manifest = manifest();
    node.apply(&manifest);
    let compose = Compose::new("bench-again", &services());
    if let Some(compose) = &compose {
        compose.run(&["up", "-d"]);
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(time(|| drop(node.apply(&manifest))));
        theirs.extend(compose.as_ref().map(|c| time(|| drop(c.run(&["up", "-d"])))));
    }
    let (ours, words) = told(ours);
    println!("  wharf    {words}");
    if theirs.is_empty() {
        return println!("  no Compose to compare with: WHARF_COMPOSE names none");
    }
    let (theirs, words) = told(theirs);
    println!("  Compose  {words}: wharf takes {:.2} of it", ours.as_secs_f64() / theirs.as_secs_f64());
}

fn time(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

fn manifest() -> String {
    let one = |n| {
        format!(
            "apiVersion: apps/v1
kind: Deployment
metadata: {{name: app-{n}}}
spec:
  selector: {{matchLabels: {{app: app-{n}}}}}
  template:
    metadata: {{labels: {{app: app-{n}}}}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - {{name: app, image: 'busybox:1.36', command: [sleep, '3600']}}
---
apiVersion: v1
kind: Service
metadata: {{name: app-{n}}}
spec:
  selector: {{app: app-{n}}}
  ports: [{{port: 80}}]
"
        )
    };
    (0..SERVICES).map(one).collect::<Vec<_>>().join("---\n")
}

fn services() -> String {
    let one = |n| format!("  app-{n}: {{image: 'busybox:1.36', command: [sleep, '3600']}}\n");
    format!("services:\n{}", (0..SERVICES).map(one).collect::<String>())
}
