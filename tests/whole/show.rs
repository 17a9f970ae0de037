//! `wharf get`, `describe`, `logs` and `exec`: what people see of a node's objects.

use std::fmt::Write as _;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};

use crate::api::Value;
use crate::node::{Done, Node, app, config};

const POD: &str = "apiVersion: v1
kind: Pod
metadata: {name: solo, labels: {app: solo}}
spec: {terminationGracePeriodSeconds: 1, containers: [{name: a, image: 'web:1'}, {name: b, image: 'web:1'}]}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {password: hunter2-secret}
---
";

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_shown_in_every_form() {
    let node = Node::start().await;
    node.pipe("apply -f -", &format!("{POD}{}", app("web", 2, "web:1"))).await.exits(0);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let table = node.wharf("get pods").await.exits(0).out;
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(words(lines[0]), ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]);
    assert_eq!(words(lines[1])[..4], ["solo", "2/2", "Running", "0"]);
    assert_eq!(lines.len(), 4, "{table}");
    let wide = node.wharf("get pod solo -o wide").await.out;
    assert!(wide.starts_with("NAME") && words(&wide)[5..7] == ["IP", "NODE"], "{wide}");
    assert_eq!(node.wharf("get po --no-headers -l app=web").await.out.lines().count(), 2);
    assert_eq!(node.wharf("get pods -l app!=web -o name").await.out, "pod/solo\n");
    assert_eq!(node.wharf("get pods -o name --field-selector metadata.name=solo").await.out, "pod/solo\n");
    assert_eq!(node.wharf("get svc/web deploy/web -o name").await.out, "service/web\ndeployment.apps/web\n");

    let json: Value = serde_json::from_str(&node.wharf("get pod solo -o json").await.out).unwrap();
    assert_eq!((&json["kind"], &json["status"]["phase"]), (&"Pod".into(), &"Running".into()));
    let yaml: Value = serde_yaml::from_str(&node.wharf("get pod solo -o yaml").await.out).unwrap();
    assert_eq!(yaml["metadata"]["uid"], json["metadata"]["uid"]);
    let list: Value = serde_json::from_str(&node.wharf("get pods,svc -o json").await.out).unwrap();
    assert_eq!((&list["kind"], list["items"].as_array().unwrap().len()), (&"List".into(), 5));
    let containers = node.engine.list();
    node.pipe("apply -f -", &node.wharf("get svc,deploy,cm -o yaml").await.out).await.exits(0);
    assert_eq!(node.engine.list(), containers, "what is shown can be applied again");
}

#[tokio::test(flavor = "multi_thread")]
async fn descriptions_have_events_and_no_secrets() {
    let node = Node::start().await;
    node.pipe("apply -f -", POD).await.exits(0);
    let pod = node.wharf("describe pod solo").await.exits(0).out;
    assert!(pod.contains("Name:") || pod.contains("name:"), "{pod}");
    assert!(pod.contains("Scheduled") && pod.contains("Started"), "{pod}");
    let secret = node.wharf("describe secret keys").await.exits(0).out;
    assert!(secret.contains("password:  14 bytes"), "{secret}");
    for hidden in ["hunter2-secret", "aHVudGVyMi1zZWNyZXQ"] {
        assert!(!secret.contains(hidden), "{secret}");
        assert!(!node.wharf("get secrets -o wide").await.out.contains(hidden));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_shown_as_they_come() {
    let node = Node::start().await;
    node.pipe("apply -f -", &config("first")).await.exits(0);
    let mut watch = node
        .command("get cm -w -o name --field-selector metadata.name!=kube-root-ca.crt")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let mut next = async || tokio::time::timeout(Duration::from_secs(20), lines.next_line()).await.unwrap().unwrap();
    assert_eq!(next().await.unwrap(), "configmap/first");
    node.pipe("apply -f -", &config("second")).await.exits(0);
    assert_eq!(next().await.unwrap(), "configmap/second");
    node.wharf("delete cm first").await.exits(0);
    assert_eq!(next().await.unwrap(), "configmap/first");
    watch.kill().await.unwrap();
}

/// What names nothing or is no command, and its exit code.
const WRONG: &[(&str, i32)] = &[
    ("get podz", 2),
    ("get jobs", 2),
    ("get pods solo/x", 2),
    ("get pod nobody", 1),
    ("get pods -n nowhere", 0),
    ("describe svc nobody", 1),
    ("logs nobody", 1),
    ("logs", 2),
    ("logs solo", 1),
    ("logs solo -c c", 1),
    ("logs solo -c a --previous", 1),
    ("exec nobody -- true", 1),
    ("exec solo -c c -- true", 1),
    ("exec solo", 2),
    ("delete", 2),
    ("delete pods", 2),
    ("delete pod nobody", 1),
    ("apply", 2),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_named() {
    let node = Node::start().await;
    node.pipe("apply -f -", POD).await.exits(0);
    let mut said = String::new();
    for (arguments, code) in WRONG {
        let Done { out, err, .. } = node.wharf(arguments).await.exits(*code);
        write!(said, "$ wharf {arguments}\n{out}{err}").unwrap();
    }
    insta::assert_snapshot!(said, @r#"
    $ wharf get podz
    error: there is no kind "podz"
      hint: did you mean pods?
    $ wharf get jobs
    error: there is no kind "jobs"
    $ wharf get pods solo/x
    error: "pods" is not of the form kind/name
    $ wharf get pod nobody
    error: pods "nobody" not found
    $ wharf get pods -n nowhere
    No resources found in nowhere namespace.
    $ wharf describe svc nobody
    error: services "nobody" not found
    $ wharf logs nobody
    error: pods "nobody" not found
    $ wharf logs
    error: name a pod, a workload or labels
      hint: for example: wharf logs deployment/web
    $ wharf logs solo
    error: a container name must be specified for pod solo, choose one of: [a b]
    $ wharf logs solo -c c
    error: container c is not valid for pod solo
    $ wharf logs solo -c a --previous
    error: previous terminated container "a" in pod "solo" not found
    $ wharf exec nobody -- true
    error: pods "nobody" not found
    $ wharf exec solo -c c -- true
    error: container c is not valid for pod solo
    $ wharf exec solo
    error: the following required arguments were not provided:
      <COMMAND>...

    Usage: wharf exec <POD> -- <COMMAND>...

    For more information, try '--help'.
    $ wharf delete
    error: name what to delete
      hint: for example: wharf delete -f app.yaml, wharf delete pod web-0
    $ wharf delete pods
    error: name the pods, or give -l SELECTOR or --all
    $ wharf delete pod nobody
    error: pods "nobody" not found
    $ wharf apply
    error: name the manifests with -f
      hint: for example: wharf apply -f app.yaml
    "#);
    node.wharf("exec solo -c a -- true").await.exits(0);
    assert_eq!(node.wharf("logs solo -c a").await.exits(0).out, "");
}
