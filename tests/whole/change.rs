//! `wharf scale`, `set`, `label`, `annotate`, `wait` and `events`, in kubectl's words.

use crate::node::{Node, app, config};

#[tokio::test(flavor = "multi_thread")]
async fn scale_goes_to_the_number_that_is_asked_for() {
    let node = Node::start().await;
    node.write("app.yaml", &app("web", 1, "web:1"));
    node.wharf("apply -f app.yaml").await.exits(0);
    let wrong = node.wharf("scale --current-replicas 2 --replicas 3 deployment/web").await.exits(1);
    assert_eq!(wrong.err, "error: Expected replicas to be 2, was 1\n");
    let done = node.wharf("scale --current-replicas 1 --replicas 3 deployment/web").await.exits(0);
    assert_eq!(done.out, "deployment.apps/web scaled\n");
    node.wharf("wait --for=jsonpath={.status.readyReplicas}=3 deployment/web").await.exits(0);
    assert_eq!(node.wharf("scale --replicas 0 deployments --all").await.exits(0).out, "deployment.apps/web scaled\n");
    node.eventually("get pods -o name", str::is_empty).await;
    let wrong = node.wharf("scale --replicas 3 service/web").await.exits(1);
    assert_eq!(wrong.err, "error: service/web can't be scaled\n");
    assert!(node.wharf("scale --replicas 3 deployment/none").await.exits(1).err.contains("\"none\" not found"));
}

#[tokio::test(flavor = "multi_thread")]
async fn set_changes_containers() {
    let node = Node::start().await;
    node.write("app.yaml", &app("web", 1, "web:1"));
    node.write("cm.yaml", &config("settings"));
    node.wharf("apply -f app.yaml -f cm.yaml").await.exits(0);
    let image = "set image deployment/web web=web:2";
    assert_eq!(node.wharf(image).await.exits(0).out, "deployment.apps/web image updated\n");
    assert_eq!(node.wharf(image).await.exits(0).out, "", "nothing is to do");
    let wrong = node.wharf("set image deployment/web db=web:2").await.exits(1);
    assert_eq!(wrong.err, "error: deployment.apps/web: unable to find container named \"db\"\n");
    let env = node.wharf("set env deployment/web COLOUR=red --from configmap/settings --prefix S_").await.exits(0);
    assert_eq!(env.out, "deployment.apps/web env updated\n");
    insta::assert_snapshot!(node.wharf("set env deployment/web --list").await.exits(0).out, @r"
    # deployment.apps/web, container web
    COLOUR=red
    # S_A from configmap settings, key a
    ");
    let limits = node.wharf("set resources deployment/web --limits cpu=200m,memory=64Mi").await.exits(0);
    assert_eq!(limits.out, "deployment.apps/web resource requirements updated\n");
    node.wharf("rollout status deployment/web --timeout 30s").await.exits(0);
    node.eventually("get pods -o yaml", |out| out.contains("web:2") && !out.contains("web:1") && out.contains("64Mi"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_and_annotations_are_set_shown_and_taken_away() {
    let node = Node::start().await;
    node.write("cm.yaml", &format!("{}---\n{}", config("a"), config("b")));
    node.wharf("apply -f cm.yaml").await.exits(0);
    assert_eq!(node.wharf("label cm a b tier=front").await.exits(0).out, "configmap/a labeled\nconfigmap/b labeled\n");
    assert_eq!(node.wharf("label cm/a tier=front").await.exits(0).out, "configmap/a not labeled\n");
    let refused = node.wharf("label cm/a tier=back").await.exits(1);
    assert_eq!(refused.err, "error: 'tier' already has a value (front), and --overwrite is false\n");
    node.wharf("label cm/a tier=back --overwrite").await.exits(0);
    assert_eq!(node.wharf("get cm -l tier=back -o name").await.out, "configmap/a\n");
    assert_eq!(node.wharf("label cm/a --list").await.exits(0).out.lines().last(), Some("tier=back"));
    assert_eq!(
        node.wharf("label cm -l tier tier-").await.exits(0).out,
        "configmap/a unlabeled\nconfigmap/b unlabeled\n"
    );
    assert_eq!(node.wharf("annotate cm/a note=x").await.exits(0).out, "configmap/a annotated\n");
    assert_eq!(node.wharf("annotate cm/a --list").await.exits(0).out, "note=x\n");
    node.wharf("label cm/a not/a/label=x").await.exits(1);
    // What files do not say is left alone by an apply.
    node.wharf("apply -f cm.yaml").await.exits(0);
    assert_eq!(node.wharf("annotate cm/a --list").await.exits(0).out, "note=x\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn wait_tells_what_came_true_and_what_did_not() {
    let node = Node::start().await;
    node.write("app.yaml", &app("web", 1, "web:1"));
    node.wharf("apply -f app.yaml").await.exits(0);
    let met = node.wharf("wait --for=condition=Available deployment/web").await.exits(0);
    assert_eq!(met.out, "deployment.apps/web condition met\n");
    node.wharf("wait --for=condition=Ready pods -l app=web").await.exits(0);
    let over = node.wharf("wait --for=condition=Failed deployment/web --timeout 1s").await.exits(3);
    assert_eq!(over.err, "error: timed out waiting for the condition on deployments/web\n");
    assert!(node.wharf("wait --for=condition=Ready pod/none").await.exits(1).err.contains("\"none\" not found"));
    node.wharf("wait --for=nothing pod/none").await.exits(2);
    node.wharf("delete deployment web --wait=false").await.exits(0);
    let gone = node.wharf("wait --for=delete deployment/web").await.exits(0);
    assert_eq!(gone.out, "deployment.apps/web deleted\n");
    let (made, _) = tokio::join!(node.wharf("wait --for=create cm/late"), async {
        node.write("cm.yaml", &config("late"));
        node.wharf("apply -f cm.yaml").await.exits(0)
    });
    assert_eq!(made.exits(0).out, "configmap/late condition met\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_one_object_or_of_all() {
    let node = Node::start().await;
    node.write("app.yaml", &app("web", 1, "web:1"));
    node.wharf("apply -f app.yaml").await.exits(0);
    let all = node.wharf("events").await.exits(0).out;
    assert!(all.starts_with("LAST SEEN ") && all.contains("ScalingReplicaSet") && all.contains("Started"), "{all}");
    let one = node.wharf("events --for deployment/web --no-headers").await.exits(0).out;
    assert!(one.contains("ScalingReplicaSet") && !one.contains("Started"), "{one}");
    assert_eq!(
        node.wharf("events --for deployment/web --types Warning").await.exits(0).err,
        "No events found in default namespace.\n"
    );
    node.wharf("events --types loud").await.exits(2);
}
