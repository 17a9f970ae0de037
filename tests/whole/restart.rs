//! An agent that dies and comes back finds everything as it was.

use crate::api::Value;
use crate::node::{Node, app, config};

#[tokio::test(flavor = "multi_thread")]
async fn objects_addresses_and_containers_outlive_the_agent() {
    let mut node = Node::start().await;
    let files = format!("{}---\n{}", app("web", 2, "web:1"), config("settings"));
    node.pipe("apply -f -", &files).await.exits(0);
    let shown = async |node: &Node| {
        let list: Value = serde_json::from_str(&node.wharf("get svc,deploy,rs,pods,cm -o json").await.out).unwrap();
        let facts = |o: &Value| {
            format!("{} {} {} {}", o["kind"], o["metadata"]["uid"], o["spec"]["clusterIP"], o["status"]["podIP"])
        };
        list["items"].as_array().unwrap().iter().map(facts).collect::<Vec<_>>()
    };
    let (before, containers) = (shown(&node).await, node.engine.list());
    node.restart().await;
    assert_eq!(shown(&node).await, before);
    let again = node.pipe("apply -f -", &files).await.exits(0);
    assert!(again.err.ends_with("3 unchanged\n"), "{}", again.err);
    assert_eq!(node.engine.list(), containers);

    // What dies while nobody looks comes back, in the same pod.
    let app = containers.lines().find(|l| l.contains("web.")).or(containers.lines().last()).unwrap();
    let name = app.split_whitespace().next().unwrap().to_owned();
    node.engine.crash(&name, 1);
    node.restart().await;
    node.eventually("get pods --no-headers", |out| out.lines().all(|l| l.contains("1/1")) && out.lines().count() == 2)
        .await;
    assert_eq!(shown(&node).await, before);
}
