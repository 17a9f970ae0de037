//! `wharf rollout`: status, history, undo, restart, pause and resume of a Deployment, in kubectl's words.

use serde_json::Value;

use crate::node::{Node, app};

async fn get(node: &Node, what: &str) -> Value {
    serde_json::from_str(&node.wharf(&format!("get {what} -o json")).await.exits(0).out).unwrap()
}

/// A node with a Deployment at its second revision, each with its cause.
async fn updated() -> Node {
    let node = Node::start().await;
    for (image, cause) in [("web:1", "the first"), ("web:2", "the second")] {
        let app = app("web", 2, image);
        let annotations =
            format!("metadata: {{name: web, annotations: {{kubernetes.io/change-cause: {cause}}}}}\nspec:\n");
        node.write("app.yaml", &app.replacen("metadata: {name: web}\nspec:\n", &annotations, 1));
        node.wharf("apply -f app.yaml").await.exits(0);
    }
    node
}

#[tokio::test(flavor = "multi_thread")]
async fn history_and_the_way_back() {
    let node = updated().await;
    insta::assert_snapshot!(node.wharf("rollout history deployment/web").await.exits(0).out, @r"
    deployment.apps/web
    REVISION  CHANGE-CAUSE
    1         the first
    2         the second
    ");
    insta::assert_snapshot!(node.wharf("rollout history deploy web --revision 1").await.exits(0).out, @r"
    deployment.apps/web with revision #1
    Pod Template:
      Labels:         app=web
      Containers:
       web:
        Image:        web:1
        Port:         <none>
        Host Port:    <none>
        Environment:  <none>
        Mounts:       <none>
      Volumes:        <none>
    ");
    let same = node.wharf("rollout undo deployment/web --to-revision 2").await.exits(0).out;
    assert_eq!(same, "deployment.apps/web skipped rollback (current template already matches revision 2)\n");
    assert_eq!(node.wharf("rollout undo deployment/web").await.exits(0).out, "deployment.apps/web rolled back\n");
    let told = node.wharf("rollout status deployment/web --timeout 30s").await.exits(0).out;
    assert!(told.ends_with("deployment \"web\" successfully rolled out\n"), "{told}");
    let web = get(&node, "deployment web").await;
    assert_eq!(web["spec"]["template"]["spec"]["containers"][0]["image"], "web:1");
    assert_eq!(web["metadata"]["annotations"]["kubernetes.io/change-cause"], "the first");
    insta::assert_snapshot!(node.wharf("rollout history deployment/web").await.exits(0).out, @r"
    deployment.apps/web
    REVISION  CHANGE-CAUSE
    2         the second
    3         the first
    ");
    let none = node.wharf("rollout undo deployment/web --to-revision 1").await.exits(1).err;
    assert_eq!(none, "error: deployment.apps/web: unable to find specified revision 1 in history\n");
    let none = node.wharf("rollout history service/web").await.exits(1).err;
    assert!(none.starts_with("error: service/web has no rollouts\n"), "{none}");
    // The next apply of the files is what counts again.
    node.wharf("apply -f app.yaml").await.exits(0);
    assert_eq!(get(&node, "deployment web").await["spec"]["template"]["spec"]["containers"][0]["image"], "web:2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_replaces_the_pods_of_one_workload_and_outlives_an_apply() {
    let node = Node::start().await;
    node.write("app.yaml", &format!("{}---\n{}", app("web", 2, "web:1"), app("other", 1, "web:1")));
    node.wharf("apply -f app.yaml").await.exits(0);
    let pods = async |app: &str| node.wharf(&format!("get pods -l app={app} -o name")).await.exits(0).out;
    let (web, other) = (pods("web").await, pods("other").await);
    assert_eq!(node.wharf("rollout restart deployment/web").await.exits(0).out, "deployment.apps/web restarted\n");
    node.wharf("rollout status deployment/web --timeout 30s").await.exits(0);
    let restarted =
        node.eventually("get pods -l app=web -o name", |out| out.lines().all(|pod| !web.contains(pod))).await;
    node.wharf("apply -f app.yaml").await.exits(0);
    assert_eq!((pods("web").await, pods("other").await), (restarted, other));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_holds_changes_back() {
    let node = Node::start().await;
    node.write("app.yaml", &app("web", 1, "web:1"));
    node.wharf("apply -f app.yaml").await.exits(0);
    assert_eq!(node.wharf("rollout pause deployment/web").await.exits(0).out, "deployment.apps/web paused\n");
    let again = node.wharf("rollout pause deployment/web").await.exits(1).err;
    assert_eq!(again, "error: deployments.apps \"web\" is already paused\n");
    let refused = node.wharf("rollout restart deployment/web").await.exits(1).err;
    assert!(refused.contains("paused deployment") && refused.contains("wharf rollout resume"), "{refused}");
    node.wharf("set image deployment/web web=web:2").await.exits(0);
    let waiting = node.wharf("rollout status deployment/web --timeout 1s").await.exits(3);
    assert_eq!(
        waiting.out.lines().last(),
        Some("Waiting for deployment \"web\" rollout to finish: 0 out of 1 new replicas have been updated...")
    );
    assert!(waiting.err.starts_with("error: timed out waiting for the condition\n"), "{}", waiting.err);
    assert_eq!(node.wharf("rollout resume deployment/web").await.exits(0).out, "deployment.apps/web resumed\n");
    node.wharf("rollout status deployment/web --timeout 30s").await.exits(0);
    node.eventually("get pods -o yaml", |out| out.contains("image: web:2") && !out.contains("image: web:1")).await;
}
