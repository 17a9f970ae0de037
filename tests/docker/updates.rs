//! Updates of a Deployment while it serves, and workloads that do not come up.

use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::harness::workloads::{all, client, web_with};
use crate::harness::{LATER, Node, eventually, stays};

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

#[test]
fn a_rolling_update_keeps_its_bounds_and_fails_no_request() {
    let node = Node::up("rolling");
    let strategy = "strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 1, maxSurge: 1}}";
    let app = |colour: &str| {
        let container = format!("env: [{{name: COLOUR, value: {colour}}}]");
        // What ends goes on serving until nobody sends to it any more.
        web_with("web", 4, strategy, &container).replace("trap exit TERM", r#"trap "sleep 1; exit" TERM"#)
    };
    node.apply(&all(&[&app("red"), &client()]));
    let traffic = node.traffic("client", &format!("http://{}/", node.service_address("web")));
    let mut seen = Vec::new();
    thread::scope(|scope| {
        let update = scope.spawn(|| node.apply(&app("green")));
        while !update.is_finished() {
            let status = node.get("deployment web")["status"].clone();
            seen.push((number(&status["availableReplicas"]), number(&status["replicas"])));
        }
        update.join().unwrap();
    });
    seen.dedup();
    node.note(&format!("available and all: {seen:?}"));
    assert!(seen.iter().all(|(available, all)| *available >= 3 && *all <= 5), "{seen:?}");
    assert!(seen.iter().any(|(_, all)| *all == 5), "it was seen on its way: {seen:?}");
    let counts = traffic.stop();
    assert!(counts.bad == 0 && counts.good >= 50, "{counts:?}");
}

#[test]
fn an_update_that_never_becomes_ready_leaves_the_old_pods_serving() {
    let node = Node::up("stuck");
    let app = |path: &str| {
        let probe =
            format!("startupProbe: {{httpGet: {{path: {path}, port: http}}, periodSeconds: 1, failureThreshold: 600}}");
        web_with("web", 2, "", &probe)
    };
    node.apply(&all(&[&app("/"), &client()]));
    let url = format!("http://{}/", node.service_address("web"));
    let before = node.names("pods -l app=web");
    let told = node.try_apply(&app("/nowhere"), &["--timeout", "5s"]).fails(3);
    assert!(told.contains("deployment.apps/web is not ready"), "{told}");
    assert!(told.contains("/nowhere") || told.contains("404"), "{told}");
    stays("an old pod answers", Duration::from_secs(3), || {
        let page = node.get_in_pod("client", &url);
        page.is_ok_and(|page| before.iter().any(|old| *old == page.trim()))
    });
    // And back again.
    node.apply(&app("/"));
    eventually("only the old pods are there", LATER, || (node.names("pods -l app=web") == before).then_some(()));
}

#[test]
fn a_container_that_crashes_is_given_ever_more_time_and_apply_says_why() {
    let node = Node::up("crash");
    let bad = "apiVersion: v1
kind: Pod
metadata: {name: bad}
spec:
  containers:
    - name: bad
      image: busybox:1.36
      command: [sh, -c, 'echo the reef is at 54.3 north; exit 7']
";
    let told = node.try_apply(&all(&[bad, &client()]), &["--timeout", "15s"]).fails(3);
    for part in ["pod/bad is not ready", "BackOff", "the reef is at 54.3 north", "pod/client: ready"] {
        assert!(told.contains(part), "{part} is missing in {told}");
    }
    let status = || node.get("pod bad")["status"]["containerStatuses"][0].clone();
    let after = eventually("it waits to be started again", LATER, || {
        Some(status()).filter(|s| s["state"]["waiting"]["reason"] == "CrashLoopBackOff")
    });
    assert_eq!(after["lastState"]["terminated"]["exitCode"], 7);
    // 10 s, 20 s, …: within so short a time it can't have been started often.
    assert!(number(&after["restartCount"]) <= 4, "{after}");
    assert_eq!(node.wharf(&["logs", "bad", "--previous"]).ok().trim(), "the reef is at 54.3 north");
    assert!(node.get("pod client")["status"]["phase"] == "Running");
}
