//! `wharf apply --prune`: what left the files of a set goes, shown first; data stays, and other apps' objects too.

use crate::node::{Node, app, config};

const CLAIM: &str = "apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
";

/// The names of the config maps, but for that which every namespace has.
async fn config_maps(node: &Node) -> String {
    let all = node.wharf("get cm -o name").await.out;
    all.lines().filter(|name| !name.ends_with("/kube-root-ca.crt")).map(|name| format!("{name}\n")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_left_the_files_goes_and_data_stays() {
    let node = Node::start().await;
    node.write("k8s/app.yaml", &app("web", 1, "web:1"));
    node.write("k8s/old.yaml", &[config("old"), app("old", 1, "web:1"), CLAIM.to_owned()].join("---\n"));
    node.write("other.yaml", &config("other"));
    node.wharf("apply -f k8s --wait=false").await.exits(0);
    node.wharf("apply -f other.yaml").await.exits(0);
    node.write("k8s/old.yaml", "# nothing\n");
    node.wharf("apply -f k8s").await.exits(0);
    node.wharf("get deploy/old cm/old").await.exits(0);

    let dry = node.wharf("apply -f k8s --prune --dry-run=server").await.exits(0).err;
    assert!(dry.contains("deployment.apps/old pruned (server dry run)\n"), "{dry}");
    assert!(
        dry.contains("persistentvolumeclaim/data left the files and is kept (--prune-claims deletes it)\n"),
        "{dry}"
    );
    let diff = node.wharf("diff -f k8s --prune").await.exits(1).out;
    assert!(diff.contains("- service/old: would be deleted, as it left the files\n"), "{diff}");
    assert!(diff.contains("  pods of Deployment old: 1 removed (old-"), "{diff}");
    assert_eq!(node.wharf("diff -f k8s").await.exits(0).out, "");
    node.wharf("get deploy/old cm/old").await.exits(0);

    let done = node.wharf("apply -f k8s --prune").await.exits(0).err;
    let shown = "left the files and will be deleted: deployment.apps/old, service/old, configmap/old\n";
    assert!(done.starts_with(shown), "{done}");
    for line in ["deployment.apps/old pruned", "service/old pruned", "configmap/old pruned"] {
        assert!(done.lines().any(|l| l == line), "{line} is not in\n{done}");
    }
    assert!(done.ends_with("\n3 pruned, 2 unchanged\n"), "{done}");
    assert_eq!(node.wharf("get deploy,pvc -o name").await.out, "deployment.apps/web\npersistentvolumeclaim/data\n");
    assert_eq!(config_maps(&node).await, "configmap/other\n");
    assert!(!node.engine.list().contains("old"), "{}", node.engine.list());

    let all = node.wharf("apply -f k8s --prune --prune-claims").await.exits(0).err;
    assert!(all.contains("persistentvolumeclaim/data pruned"), "{all}");
    assert_eq!(node.wharf("apply -f k8s --prune").await.exits(0).err.lines().last(), Some("2 unchanged"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_apps_do_not_prune_each_other() {
    let node = Node::start().await;
    node.write("one/k8s/a.yaml", &config("a"));
    node.write("two/k8s/b.yaml", &config("b"));
    node.wharf("apply -f one/k8s").await.exits(0);
    node.wharf("apply -f two/k8s").await.exits(0);
    let strange = node.wharf("apply -f two/k8s --prune").await.exits(1).err;
    assert!(
        strange.contains("the set \"k8s\" holds ConfigMap default/a, and nothing of what is in the files"),
        "{strange}"
    );
    assert!(strange.contains("hint: name a set of your own with --set NAME"), "{strange}");
    node.wharf("apply -f two/k8s --prune --set two").await.exits(0);
    node.wharf("apply -f one/k8s --prune").await.exits(0);
    assert_eq!(config_maps(&node).await, "configmap/a\nconfigmap/b\n");

    let taken = node.wharf("apply -f one/k8s -f two/k8s --prune --set both").await.exits(1).err;
    assert!(taken.contains("belongs to another set than \"both\"; nothing was changed"), "{taken}");
    node.wharf("apply -f one/k8s -f two/k8s --prune --set both --force-conflicts").await.exits(0);
    node.wharf("apply -f one/k8s --prune --set both").await.exits(0);
    assert_eq!(config_maps(&node).await, "configmap/a\n");
    let nameless = node.pipe("apply -f - --prune", &config("a")).await.exits(1).err;
    assert!(nameless.contains("hint: name it: --set NAME"), "{nameless}");
    // From standard input without a set, an object stays where it is.
    node.pipe("apply -f -", &config("a")).await.exits(0);
    node.write("one/k8s/a.yaml", &config("c"));
    node.wharf("apply -f one/k8s --prune --set both").await.exits(0);
    assert_eq!(config_maps(&node).await, "configmap/c\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_while_objects_are_refused() {
    let node = Node::start().await;
    node.write("app.yaml", &[config("old"), app("web", 1, "web:1")].join("---\n"));
    node.wharf("apply -f app.yaml").await.exits(0);
    node.write("app.yaml", &app("web", 1, "web:1").replace("app: web", "app: www"));
    let refused = node.wharf("apply -f app.yaml --prune").await.exits(3).err;
    assert!(refused.contains("nothing was pruned, as the node refused objects\n"), "{refused}");
    node.wharf("get cm old").await.exits(0);
}
