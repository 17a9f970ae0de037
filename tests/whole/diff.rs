//! `wharf diff` and `apply --dry-run`: what would change, by the node's own planners, and that nothing does.

use crate::node::{Node, app, config, finish, wharf};

fn secret(value: &str) -> String {
    format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: keys}}\nstringData: {{key: {value}}}\n")
}

/// The names of the config maps, but for that which every namespace has.
async fn config_maps(node: &Node) -> String {
    let all = node.wharf("get cm -o name").await.out;
    all.lines().filter(|name| !name.ends_with("/kube-root-ca.crt")).map(|name| format!("{name}\n")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_by_field_and_pods_by_what_becomes_of_them() {
    let node = Node::start().await;
    let files = |replicas: u32, image: &str, value: &str, port: u32| {
        let app = app("web", replicas, image).replace("port: 80}", &format!("port: {port}}}"));
        [config("settings"), secret(value), app].join("---\n")
    };
    node.write("app.yaml", &files(2, "web:1", "swordfish", 80));
    let first = node.wharf("diff -f app.yaml").await.exits(1);
    insta::assert_snapshot!(first.out, @r"
    + secret/keys: would be created
    + configmap/settings: would be created
    + service/web: would be created
    + deployment.apps/web: would be created
      pods of Deployment web: 2 created
    ");
    assert_eq!(node.wharf("get all,secrets -o name").await.out, "service/kubernetes\n", "nothing was changed");
    node.wharf("apply -f app.yaml").await.exits(0);
    let same = node.wharf("diff -f app.yaml").await.exits(0);
    assert_eq!((same.out.as_str(), same.err.as_str()), ("", ""));
    let before = node.wharf("get all,secrets -o yaml").await.out;

    node.write("app.yaml", &files(3, "web:2", "marlin", 8080));
    let told = node.wharf("diff -f app.yaml").await.exits(1).out;
    let (fields, pods) = told.split_once("  pods of ").unwrap();
    insta::assert_snapshot!(fields, @r#"
    ~ secret/keys: would be changed
        data.key: *** (before) → *** (after)
    ~ service/web: would be changed
        spec.ports[80/TCP].port: 80 → <none>
        spec.ports[80/TCP].protocol: TCP → <none>
        spec.ports[80/TCP].targetPort: 80 → <none>
        spec.ports[8080/TCP].port: <none> → 8080
        spec.ports[8080/TCP].protocol: <none> → TCP
        spec.ports[8080/TCP].targetPort: <none> → 8080
    ~ deployment.apps/web: would be changed
        spec.replicas: 2 → 3
        spec.template.spec.containers[web].image: web:1 → web:2
    "#);
    assert!(pods.starts_with("Deployment web: 2 replaced (web-"), "{pods}");
    assert!(pods.ends_with(") because of spec.containers[web].image; 1 created\n"), "{pods}");

    node.write("app.yaml", &files(1, "web:1", "swordfish", 80));
    let fewer = node.wharf("diff -f app.yaml").await.exits(1).out;
    assert!(fewer.contains("  pods of Deployment web: 1 removed (web-") && fewer.ends_with("); 1 kept\n"), "{fewer}");
    assert_eq!(node.wharf("get all,secrets -o yaml").await.out, before, "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_or_wrong_is_above_1() {
    let node = Node::start().await;
    node.write("app.yaml", &app("web", 1, "web:1"));
    node.wharf("apply -f app.yaml").await.exits(0);
    node.write("app.yaml", &app("web", 1, "web:1").replace("app: web", "app: www"));
    let refused = node.wharf("diff -f app.yaml").await.exits(3);
    assert!(
        refused.out.contains("! deployment.apps/web: would be refused: Deployment.apps \"web\" is invalid"),
        "{}",
        refused.out
    );
    assert_eq!(refused.err, "error: the node would refuse 1 object\n");
    let applied = node.wharf("apply -f app.yaml --wait=false").await.exits(3);
    let hint =
        "hint: `wharf delete deployment/web`, and then apply again: its pods end meanwhile; or give it another name";
    assert!(applied.err.contains("field is immutable") && applied.err.contains(hint), "{}", applied.err);
    node.write("bad.yaml", "kind: Pod\n");
    node.wharf("diff -f bad.yaml").await.exits(2);
    node.wharf("diff -f nowhere.yaml").await.exits(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_an_apply_would_do() {
    let node = Node::start().await;
    node.write("a.yaml", &config("a"));
    node.wharf("apply -f a.yaml").await.exits(0);
    node.write("a.yaml", &[config("a"), config("b")].join("---\n"));
    let client = node.wharf("apply -f a.yaml --dry-run=client").await.exits(0);
    assert_eq!(client.err, "configmap/a unchanged (dry run)\nconfigmap/b created (dry run)\n");
    node.write("a.yaml", &[config("a").replace("'1'", "'2'"), config("b")].join("---\n"));
    let server = node.wharf("apply -f a.yaml --dry-run=server").await.exits(0);
    assert_eq!(server.err, "configmap/a configured (server dry run)\nconfigmap/b created (server dry run)\n");
    let bare = node.wharf("apply -f a.yaml --dry-run").await.exits(0);
    assert!(bare.err.contains("configmap/b created (dry run)"), "{}", bare.err);
    assert_eq!(config_maps(&node).await, "configmap/a\n");
    assert!(node.wharf("get cm a -o yaml").await.out.contains("a: '1'"));
}

#[tokio::test]
async fn a_diff_needs_docker_to_answer() {
    let mut command = wharf("diff -f nowhere.yaml");
    command.env("DOCKER_HOST", "unix:///nowhere/docker.sock");
    finish(command).await.exits(2);
}
