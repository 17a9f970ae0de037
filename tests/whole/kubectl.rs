//! The real kubectl against a node, through `wharf kubectl`; passed over where the machine has none.

use crate::api::Value;
use crate::node::{Done, Node, app, config};

const BINDING: &str = "apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: viewers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ann}]
";

/// Runs kubectl with arguments parted by blanks.
async fn kubectl(node: &Node, arguments: &str) -> Done {
    node.wharf(&format!("kubectl {arguments}")).await
}

/// Whether the machine has kubectl; `tests/run.sh` installs it.
fn is_there() -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join("kubectl").is_file())
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_applies_and_changes_objects() {
    if !is_there() {
        return;
    }
    let node = Node::start().await;
    node.write("app.yaml", &format!("{}---\n{}", app("web", 2, "web:1"), config("settings")));
    let done = kubectl(&node, "apply -f app.yaml").await.exits(0);
    assert!(done.out.contains("deployment.apps/web created"), "{}", done.out);
    let again = kubectl(&node, "apply -f app.yaml").await.exits(0);
    assert!(again.out.lines().all(|line| line.ends_with("unchanged")), "{}", again.out);
    kubectl(&node, "rollout status deployment/web --timeout=30s").await.exits(0);
    let table = kubectl(&node, "get deploy,po").await.exits(0).out;
    assert!(table.contains("READY") && table.contains("deployment.apps/web") && table.contains("2/2"), "{table}");

    node.write("made.yaml", &config("made"));
    for (arguments, told) in [
        ("scale deployment/web --replicas=1", "deployment.apps/web scaled"),
        ("label deployment web tier=front", "deployment.apps/web labeled"),
        ("annotate deployment web note=x", "deployment.apps/web annotated"),
        ("set image deployment/web web=web:2", "deployment.apps/web image updated"),
        ("patch deploy web -p {\"spec\":{\"minReadySeconds\":1}}", "deployment.apps/web patched"),
        ("patch deploy web --type=merge -p {\"spec\":{\"paused\":true}}", "deployment.apps/web patched"),
        (
            "patch deploy web --type=json -p [{\"op\":\"remove\",\"path\":\"/spec/paused\"}]",
            "deployment.apps/web patched",
        ),
        ("apply --server-side --force-conflicts -f app.yaml", "deployment.apps/web serverside-applied"),
        ("create -f made.yaml", "configmap/made created"),
        ("replace -f made.yaml", "configmap/made replaced"),
        ("delete configmap made", "configmap \"made\" deleted"),
    ] {
        let done = kubectl(&node, arguments).await.exits(0);
        assert!(done.out.contains(told), "kubectl {arguments}:\n{}{}", done.out, done.err);
    }
    let json = kubectl(&node, "get deploy web -o json").await.out;
    let web: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&web["spec"]["replicas"], &web["metadata"]["name"]), (&2.into(), &"web".into()), "{json}");
    kubectl(&node, "delete -f app.yaml --wait=false").await.exits(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_tries_validates_and_explains() {
    if !is_there() {
        return;
    }
    let node = Node::start().await;
    node.write("c.yaml", &config("tried"));
    let tried = kubectl(&node, "apply --dry-run=server -f c.yaml").await.exits(0).out;
    assert!(tried.contains("configmap/tried created (server dry run)"), "{tried}");
    assert!(kubectl(&node, "get cm tried").await.exits(1).err.contains("NotFound"));
    node.write("bad.yaml", &app("web", 1, "web:1").replace("replicas:", "replicaz:"));
    let refused = kubectl(&node, "apply -f bad.yaml").await.exits(1).err;
    assert!(refused.contains("unknown field \"spec.replicaz\""), "{refused}");
    let warned = kubectl(&node, "apply --validate=warn -f bad.yaml").await.exits(0).err;
    assert!(warned.contains("Warning: unknown field \"spec.replicaz\""), "{warned}");
    let fields = kubectl(&node, "explain deployment.spec.strategy").await.exits(0).out;
    assert!(fields.contains("rollingUpdate"), "{fields}");
    let kinds = kubectl(&node, "api-resources").await.exits(0).out;
    assert!(kinds.contains("selfsubjectaccessreviews") && kinds.contains("rolebindings"), "{kinds}");
    assert!(kubectl(&node, "version").await.exits(0).out.contains("Server Version: v1.36"));
    for name in ["a", "b", "c"] {
        node.write("one.yaml", &config(name));
        kubectl(&node, "create -f one.yaml").await.exits(0);
    }
    let paged = kubectl(&node, "get cm --chunk-size=1 -o name").await.exits(0).out;
    assert!(["a", "b", "c"].iter().all(|name| paged.contains(&format!("configmap/{name}\n"))), "{paged}");
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_asks_what_others_may_do() {
    if !is_there() {
        return;
    }
    let node = Node::start().await;
    assert_eq!(kubectl(&node, "auth can-i create pods").await.exits(0).out, "yes\n");
    assert_eq!(kubectl(&node, "auth can-i list pods --as=ann").await.exits(1).out, "no\n");
    let refused = kubectl(&node, "get pods --as=ann").await.exits(1).err;
    let words =
        "pods is forbidden: User \"ann\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"";
    assert!(refused.contains(words), "{refused}");
    node.write("binding.yaml", BINDING);
    kubectl(&node, "create -f binding.yaml").await.exits(0);
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while kubectl(&node, "get pods --as=ann").await.code != 0 {
        assert!(std::time::Instant::now() < end, "the binding comes into effect");
    }
    assert_eq!(kubectl(&node, "auth can-i delete pods --as=ann").await.exits(1).out, "no\n");
    let who = kubectl(&node, "auth whoami --as=ann").await.exits(0).out;
    assert!(who.contains("ann") && who.contains("system:authenticated"), "{who}");
}
