//! `wharf delete`: by files, names and labels, and the wait until all is gone.

use crate::node::{Node, app, config};

#[tokio::test(flavor = "multi_thread")]
async fn deletes_what_the_files_name_and_waits_for_the_end() {
    let node = Node::start().await;
    node.write("app.yaml", &format!("{}---\n{}", app("web", 2, "web:1"), config("settings")));
    node.wharf("apply -f app.yaml").await.exits(0);
    let done = node.wharf("delete -f app.yaml").await.exits(0);
    for line in ["deployment.apps/web deleted", "service/web deleted", "configmap/settings deleted"] {
        assert!(done.err.lines().any(|l| l == line), "{}", done.err);
    }
    assert_eq!(node.wharf("get deploy -o name").await.out, "");
    node.wharf("get svc/web").await.exits(1);
    assert_eq!(node.configs("").await, "");
    node.eventually("get pods -o name", str::is_empty).await;
    assert_eq!(node.engine.list(), "");
    let again = node.wharf("delete -f app.yaml").await.exits(1);
    assert!(again.err.contains("\"web\" not found"), "{}", again.err);
    node.wharf("delete -f app.yaml --ignore-not-found").await.exits(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn deletes_by_name_label_and_kind() {
    let node = Node::start().await;
    let three = format!("{}---\n{}---\n{}", config("a"), config("b"), config("c"));
    node.pipe("apply -f -", &format!("{three}---\n{}", app("web", 1, "web:1"))).await.exits(0);
    node.wharf("delete cm/a").await.exits(0);
    node.wharf("delete cm --all").await.exits(0);
    assert_eq!(node.configs("").await, "");
    let pod = node.wharf("get pods -o name").await.out;
    node.wharf("delete pods -l app=web --wait=false").await.exits(0);
    let other = node.eventually("get pods -o name", |out| out.lines().count() == 1 && *out != pod).await;
    assert!(other.starts_with("pod/web-"), "{other}");
    let missing = node.wharf("delete cm -l app=none").await.exits(0);
    assert_eq!(missing.err, "No resources found\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_up_is_told_when_the_time_is_over() {
    let node = Node::start().await;
    let held = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: held, finalizers: [example.com/hold]}\n";
    node.pipe("apply -f -", held).await.exits(0);
    let done = node.wharf("delete cm held --timeout 1s").await.exits(3);
    assert!(done.err.contains("configmap/held is not gone after 1 s"), "{}", done.err);
    assert_eq!(node.configs("").await, "configmap/held\n");
}
