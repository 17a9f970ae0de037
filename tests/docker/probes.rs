//! Probes of every kind against real servers.

use crate::harness::workloads::all;
use crate::harness::{LATER, Node, SOON, certificate, eventually, stays};

fn is_ready(node: &Node, pod: &str) -> bool {
    let pod = node.get(&format!("pod {pod}"));
    let conditions = pod["status"]["conditions"].as_array().cloned().unwrap_or_default();
    conditions.iter().any(|c| c["type"] == "Ready" && c["status"] == "True")
}

/// The messages of the events about a pod that have this reason.
fn told(node: &Node, pod: &str, reason: &str) -> Vec<String> {
    let about = |e: &serde_json::Value| e["involvedObject"]["name"] == pod && e["reason"] == reason;
    let events = node.list("events").into_iter().filter(about);
    events.map(|e| e["message"].as_str().unwrap_or_default().to_owned()).collect()
}

/// A pod of etcd, which has gRPC's health service, with one probe.
fn etcd(name: &str, probe: &str) -> String {
    format!(
        "apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: etcd
      image: quay.io/coreos/etcd:v3.4.23
      command: [etcd, --data-dir=/tmp/etcd, --listen-client-urls=http://0.0.0.0:2379]
      args: ['--advertise-client-urls=http://127.0.0.1:2379']
      readinessProbe: {{{probe}, periodSeconds: 1}}
"
    )
}

#[test]
fn a_grpc_server_is_asked_for_its_health() {
    let node = Node::up("grpc");
    let (good, unknown) = (etcd("good", "grpc: {port: 2379}"), etcd("none", "grpc: {port: 2379, service: shop}"));
    let web = etcd("deaf", "grpc: {port: 2378}");
    node.try_apply(&all(&[&good, &unknown, &web]), &["--wait=false"]);
    eventually("the server as a whole serves", LATER, || is_ready(&node, "good").then_some(()));
    for (pod, words) in [
        (
            "none",
            "Readiness probe failed: error: health rpc probe failed: rpc error: code = NotFound desc = unknown service",
        ),
        ("deaf", "Readiness probe failed: error: failed to connect service at"),
    ] {
        eventually("it is told why", SOON, || {
            told(&node, pod, "Unhealthy").iter().any(|m| m.starts_with(words)).then_some(())
        });
        assert!(!is_ready(&node, pod));
    }
    // No program of wharf's runs in the container.
    let container = node.container("good", "etcd").unwrap();
    let processes = node.docker(&["top", &container.id, "-o", "pid,comm"]);
    assert_eq!(processes.lines().count(), 2, "only etcd runs there:\n{processes}");
}

const SHOP: &str = r#"apiVersion: v1
kind: ConfigMap
metadata: {name: shop}
data:
  default.conf: |
    server {
      listen 443 ssl;
      server_name shop.test;
      absolute_redirect off;
      ssl_certificate /tls/tls.crt;
      ssl_certificate_key /tls/tls.key;
      location /ok { if ($http_x_key = v) { return 200 ok; } return 403; }
      location /moved { return 301 /ok; }
      location /away { return 302 https://example.org/; }
    }
    server {
      listen 443 ssl default_server;
      ssl_certificate /tls/tls.crt;
      ssl_certificate_key /tls/tls.key;
      return 421;
    }
---
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: nginx
      image: nginx:1.27
      ports: [{name: https, containerPort: 443}]
      startupProbe:
        httpGet: {path: /moved, port: https, scheme: HTTPS, httpHeaders: [{name: Host, value: shop.test}, {name: X-Key, value: v}]}
        periodSeconds: 1
      livenessProbe:
        httpGet: {path: /away, port: https, scheme: HTTPS, httpHeaders: [{name: Host, value: shop.test}]}
        periodSeconds: 1
      readinessProbe:
        httpGet: {path: /ok, port: https, scheme: HTTPS, httpHeaders: [{name: Host, value: shop.test}, {name: X-Key, value: KEY}]}
        periodSeconds: 1
      volumeMounts:
        - {name: config, mountPath: /etc/nginx/conf.d}
        - {name: tls, mountPath: /tls}
  volumes:
    - {name: config, configMap: {name: shop}}
    - {name: tls, secret: {secretName: shop-tls}}
"#;

#[test]
fn a_server_with_a_certificate_of_its_own_is_probed() {
    let node = Node::new("https");
    let folder = std::env::temp_dir().join(&node.name);
    std::fs::create_dir_all(&folder).unwrap();
    let (_, secret) = certificate(&folder, "shop-tls", "shop", "shop.test");
    let _ = std::fs::remove_dir_all(folder);
    node.bring_up();
    node.apply(&all(&[&secret, &SHOP.replace("KEY", "v")]));
    assert!(is_ready(&node, "shop"));
    let warned = eventually("a redirect to elsewhere is told", SOON, || told(&node, "shop", "ProbeWarning").pop());
    assert!(warned.starts_with("Liveness probe warning: Probe terminated redirects, Response body: "), "{warned}");
    assert_eq!(node.get("pod shop")["status"]["containerStatuses"][0]["restartCount"], 0);
    node.wharf(&["delete", "pod", "shop"]).ok();
    node.try_apply(&SHOP.replace("KEY", "x"), &["--wait=false"]);
    let refused = "Readiness probe failed: HTTP probe failed with statuscode: 403".to_owned();
    eventually("a status is told", SOON, || told(&node, "shop", "Unhealthy").contains(&refused).then_some(()));
}

const SLOW: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: slow}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: web
      image: busybox:1.36
      command: [sh, -c, 'sleep 6; mkdir /www; httpd -f -p 80 -h /www']
      startupProbe: {tcpSocket: {port: 80}, periodSeconds: 1, failureThreshold: 60}
      livenessProbe: {tcpSocket: {port: 80}, periodSeconds: 1, failureThreshold: 1}
"#;

#[test]
fn no_liveness_probe_ends_a_container_that_is_still_starting() {
    let node = Node::up("startup");
    node.apply(SLOW);
    let status = || node.get("pod slow")["status"]["containerStatuses"][0].clone();
    assert_eq!(status()["started"], true);
    assert_eq!(status()["restartCount"], 0);
    assert!(told(&node, "slow", "Unhealthy").iter().any(|m| m.starts_with("Startup probe failed: dial tcp ")));
    stays("it runs", std::time::Duration::from_secs(3), || status()["restartCount"] == 0);
}

const STUBBORN: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: stubborn}
spec:
  terminationGracePeriodSeconds: 200
  containers:
    - name: c
      image: busybox:1.36
      command: [sh, -c, "trap '' TERM; while :; do sleep 1; done"]
      livenessProbe: {exec: {command: [sh, -c, 'echo no such table; exit 3']}, periodSeconds: 1, failureThreshold: 1, terminationGracePeriodSeconds: 1}
"#;

#[test]
fn a_probe_gives_its_container_its_own_time_to_end() {
    let node = Node::up("grace");
    node.try_apply(STUBBORN, &["--wait=false"]);
    eventually("it is ended long before the pod's own grace", LATER, || {
        let pod = node.get("pod stubborn");
        let restarts = pod["status"]["containerStatuses"][0]["restartCount"].as_u64()?;
        (restarts > 0).then_some(())
    });
    let events = (told(&node, "stubborn", "Unhealthy"), told(&node, "stubborn", "Killing"));
    assert!(events.0.contains(&"Liveness probe failed: no such table".to_owned()), "{events:?}");
    assert!(events.1.contains(&"Container c failed liveness probe, will be restarted".to_owned()), "{events:?}");
    node.wharf(&["delete", "pod", "stubborn", "--grace-period", "1"]);
}
