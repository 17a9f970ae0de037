//! `wharf apply --rollback`: an update that does not become ready is undone, and told of all the same.

use crate::node::{Node, app, config};

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_update_goes_back_and_the_rest_stays() {
    let node = Node::start().await;
    node.write("app.yaml", &app("web", 2, "web:1"));
    node.wharf("apply -f app.yaml").await.exits(0);
    let pods = node.wharf("get pods -o name").await.out;
    node.write("app.yaml", &[app("web", 2, "nowhere:1"), app("new", 1, "nowhere:1"), config("settings")].join("---\n"));
    let done = node.wharf("apply -f app.yaml --rollback --timeout 20s").await.exits(3).err;
    assert!(
        done.contains("error: deployment.apps/web is not ready:") && done.contains("manifest for nowhere:1 not found"),
        "{done}"
    );
    assert!(done.contains("deployment.apps/web rolled back to the template that it had\n"), "{done}");
    assert!(!done.contains("deployment.apps/new rolled back"), "{done}");
    assert!(done.contains("1 configured, 3 created, 1 rolled back, 1 unchanged"), "{done}");
    let shown = node.wharf("get deploy -o wide").await.out;
    assert!(shown.contains("web:1") && shown.lines().any(|l| l.starts_with("new ")), "{shown}");
    node.wharf("get cm settings").await.exits(0);
    let all = node.wharf("get pods -l app=web -o name").await.out;
    assert!(pods.lines().all(|pod| all.contains(pod)), "the old pods went on: {all}, not {pods}");
    node.wharf("rollout status deployment/web --timeout 20s").await.exits(0);
}
