//! Rolling updates under load, through a Service and through the Ingress at once: no request is lost.

use std::time::{Duration, Instant};

use crate::harness::{LATER, Node, eventually, get};
use crate::steady::Steady;

/// How many requests each way has to carry.
const REQUESTS: usize = 100_000;
/// How many updates happen meanwhile.
const UPDATES: u32 = 3;
/// On a quiet machine of 2 cores it takes about a minute; on a busy one longer.
const LONGEST: Duration = Duration::from_mins(8);
/// Requests a second, each way.
const RATE: u32 = 2000;

/// Four nginx, which end as they should: what they have begun they finish.
fn app(version: u32) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 4
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}, annotations: {{version: 'v{version}'}}}}
    spec:
      containers:
        - name: web
          image: nginx:1.27
          ports: [{{containerPort: 80}}]
          readinessProbe: {{httpGet: {{path: /, port: 80}}, periodSeconds: 1}}
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{selector: {{app: web}}, ports: [{{port: 80}}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: web}}
spec:
  rules:
    - host: web.test
      http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {{number: 80}}}}}}}}]}}
"
    )
}

#[test]
fn rolling_updates_of_4_lose_none_of_100_000_requests_by_service_and_by_ingress() {
    let node = Node::up("downtime");
    node.apply(&app(0));
    let ingress = format!("127.0.0.1:{}", node.http_port);
    eventually("the site answers", LATER, || get(&ingress, "web.test", "/").ok().filter(|a| a.code == 200));
    let service = format!("{}:80", node.service_address("web"));
    let loads = [("service", Steady::on(&service, "web", RATE)), ("ingress", Steady::on(&ingress, "web.test", RATE))];
    let began = Instant::now();
    (1..=UPDATES).for_each(|version| drop(node.apply(&app(version))));
    // The requests that are missing come from a site at rest.
    let enough = || loads.iter().all(|(_, load)| load.good() >= REQUESTS);
    while !enough() && began.elapsed() < LONGEST {
        std::thread::sleep(Duration::from_millis(100));
    }
    let seconds = began.elapsed().as_secs();
    for (way, load) in loads {
        let sum = load.stop();
        node.note(&format!("{way}: {sum:?}"));
        println!("{way}: {} answered, {} sent anew, in {UPDATES} updates and {seconds} s", sum.good, sum.again);
        assert!(sum.bad.is_empty() && sum.good >= REQUESTS, "{way} in {seconds} s: {sum:?}");
    }
}
