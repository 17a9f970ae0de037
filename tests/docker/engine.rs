//! Whatever happens to the engine, everything is there again when it is back, with nobody running a command.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use crate::harness::workloads::{all, web};
use crate::harness::{Engine, LATER, Node, eventually};

/// A claim's data is written once by hand; who starts late waits for nobody.
const KEEPER: &str = "apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: keeper}
spec:
  strategy: {type: Recreate}
  selector: {matchLabels: {app: keeper}}
  template:
    metadata: {labels: {app: keeper}}
    spec:
      terminationGracePeriodSeconds: 2
      containers:
        - name: keeper
          image: busybox:1.36
          command: [sh, -c, 'trap exit TERM; while :; do sleep 3600 & wait; done']
          volumeMounts: [{name: data, mountPath: /data}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
";

/// `examples/hello`: it is published on the host, and needs no image.
fn hello() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/hello/hello.yaml")).unwrap()
}

/// What must be the same whatever happened: pods by uid with their names, addresses of services, claims' volumes.
fn lasting(node: &Node) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |o: &Value| {
        let what =
            format!("{} {}/{}", text(&o["kind"]), text(&o["metadata"]["namespace"]), text(&o["metadata"]["name"]));
        let lasts = ["clusterIP", "volumeName"].map(|field| text(&o["spec"][field])).concat();
        (what, format!("{} {lasts}", text(&o["metadata"]["uid"])))
    };
    node.list("pods,services,persistentvolumeclaims -A").iter().map(one).collect()
}

/// Whether all pods are ready.
fn all_ready(node: &Node) -> bool {
    let ready = |pod: &Value| {
        pod["status"]["conditions"]
            .as_array()
            .is_some_and(|all| all.iter().any(|c| c["type"] == "Ready" && c["status"] == "True"))
    };
    let told = node.wharf(&["get", "pods", "-A", "-o", "json"]);
    let list: Value = serde_json::from_str(&told.out).unwrap_or_default();
    list["items"].as_array().is_some_and(|pods| pods.len() == 6 && pods.iter().all(ready))
}

/// Containers that a node of these pods, each with one container, has no need of.
fn left_over(node: &Node) -> Vec<String> {
    let mut seen: BTreeMap<(String, String, bool), usize> = BTreeMap::new();
    let mut extra = Vec::new();
    for container in node.containers().into_iter().filter(|c| c.name != node.name) {
        let [uid, name] = ["wharf.uid", "wharf.container"].map(|label| container.label(label).to_owned());
        // The last dead one of each container stays for its log; a dead sandbox is of no use.
        let wanted = container.running || !name.is_empty();
        let count = seen.entry((uid, name, container.running)).or_default();
        *count += 1;
        if *count > 1 || !wanted {
            extra.push(container.name);
        }
    }
    let running = seen.iter().filter(|((_, _, running), _)| *running).count();
    if running != 12 {
        extra.push(format!("{running} containers run"));
    }
    extra
}

/// Has something happen to the engine of a node with an app, and insists that all of it comes back.
fn comes_back(what: &str, happens: impl Fn(&mut Engine)) {
    let mut engine = Engine::start(what);
    engine.load(&["busybox:1.36"]);
    let node = Node::on(&engine.host(), what);
    let manifests = all(&[&web("web", 2), KEEPER, &hello()]);
    node.apply(&manifests);
    node.wharf(&["exec", "deployment/keeper", "--", "sh", "-c", "echo precious >/data/kept"]).ok();
    let before = lasting(&node);
    let urls = [format!("http://{}/", node.service_address("web")), "http://127.0.0.1:8080/".to_owned()];
    let answers = |engine: &Engine| urls.iter().all(|url| engine.curl(url).is_some());
    assert!(answers(&engine));

    // Twice: what comes back must do so again.
    for _ in 0..2 {
        happens(&mut engine);
        let began = Instant::now();
        eventually("the services answer", LATER, || answers(&engine).then_some(()));
        println!("{what}: the services answer {:.1} s after dockerd", began.elapsed().as_secs_f32());
        eventually("all pods are ready", LATER, || all_ready(&node).then_some(()));
        assert_eq!(lasting(&node), before);
        eventually("nothing is left over", LATER, || left_over(&node).is_empty().then_some(()));
        let kept = node.wharf(&["exec", "deployment/keeper", "--", "cat", "/data/kept"]).ok();
        assert_eq!(kept, "precious\n");
        let told = node.apply(&manifests);
        assert!(told.lines().any(|line| line == "6 unchanged"), "{told}");
    }
}

#[test]
fn everything_comes_back_when_docker_is_restarted() {
    comes_back("restart", Engine::restart);
}

#[test]
fn everything_comes_back_when_docker_is_killed() {
    comes_back("kill", Engine::kill_and_start);
}

#[test]
fn everything_comes_back_when_the_machine_loses_power() {
    comes_back("power", Engine::cut_power);
}

#[test]
fn hello_answers_soon_on_an_empty_engine() {
    let engine = Engine::start("hello");
    let node = Node::on(&engine.host(), "hello");
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/hello");
    let began = Instant::now();
    let mut apply = node.wharf_command(&["apply", "-f", example.to_str().unwrap()]);
    let apply = apply.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let page = eventually("the page answers", LATER, || engine.curl("http://127.0.0.1:8080/"));
    let seconds = began.elapsed().as_secs_f32();
    let output = apply.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(page.contains("Hello from wharf"), "{page}");
    println!("examples/hello answered after {seconds:.1} s");
    // On an idle machine it is under 3 s; here other scenarios run at the same time.
    assert!(seconds < 20.0, "the page took {seconds} s");
}

#[test]
fn a_docker_that_is_not_there_is_named_with_what_to_do() {
    let ran = |args: &[&str], host: &str| {
        let bin = std::env::var("WHARF_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_wharf").to_owned());
        crate::harness::Ran::of(std::process::Command::new(bin).args(args).env("DOCKER_HOST", host), "")
    };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/hello/hello.yaml");
    let file = file.to_str().unwrap();
    let host = "unix:///run/nobody-listens/docker.sock";
    for args in [&["up"][..], &["down"], &["status"], &["get", "pods"], &["apply", "-f", file]] {
        let told = ran(args, host).fails(3);
        assert!(told.contains(host) && told.contains("hint: "), "{told}");
    }
    let told = ran(&["up"], "tcp://127.0.0.1:1").fails(3);
    assert!(told.contains("tcp://127.0.0.1:1"), "{told}");
}
