//! `wharf create`: config maps and secrets, on the node or as YAML.

use crate::node::{Node, finish, wharf};

#[tokio::test(flavor = "multi_thread")]
async fn from_files_folders_literals_and_env_files() {
    let node = Node::start().await;
    node.write("conf/a.txt", "one\n");
    node.write("conf/b.txt", "two\n");
    node.write("vars.env", "# settings\nPORT=80\nNAME=web\n");
    let made = "create configmap settings --from-file conf --from-file c=conf/a.txt --from-literal d=4";
    assert_eq!(node.wharf(made).await.exits(0).out, "configmap/settings created\n");
    let again = node.wharf(made).await.exits(1);
    assert_eq!(again.err, "error: configmaps \"settings\" already exists\n");
    let data = node.wharf("get cm settings -o json").await.exits(0).out;
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    assert_eq!(data["data"], serde_json::json!({"a.txt": "one\n", "b.txt": "two\n", "c": "one\n", "d": "4"}));
    let shown =
        node.wharf("create secret generic keys --from-env-file vars.env --dry-run=client -o yaml").await.exits(0);
    insta::assert_snapshot!(shown.out, @r"
    apiVersion: v1
    data:
      NAME: d2Vi
      PORT: ODA=
    kind: Secret
    metadata:
      name: keys
    type: Opaque
    ");
    assert_eq!(node.wharf("get secrets -o name").await.out, "", "a dry run keeps nothing");
    node.pipe("apply -f -", &shown.out).await.exits(0);
    assert_eq!(node.wharf("get secrets -o name").await.out, "secret/keys\n");
    let none = node.wharf("create cm x --from-file nowhere").await.exits(1);
    assert!(none.err.starts_with("error: error reading nowhere\n  caused by: No such file"), "{}", none.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_and_registries() {
    let node = Node::start().await;
    node.write("tls.crt", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n");
    node.write("tls.key", "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n");
    node.wharf("create secret tls site --cert tls.crt --key tls.key").await.exits(0);
    let swapped = node.wharf("create secret tls site --cert tls.key --key tls.crt").await.exits(1);
    assert_eq!(swapped.err, "error: tls.key holds no PEM block of CERTIFICATE\n");
    let login = "create secret docker-registry hub --docker-server r.example --docker-username u --docker-password p";
    node.wharf(login).await.exits(0);
    let shown = node.wharf("get secrets hub -o yaml").await.exits(0).out;
    // {"auths":{"r.example":{"auth":"dTpw","password":"p","username":"u"}}}
    let login = "eyJhdXRocyI6eyJyLmV4YW1wbGUiOnsiYXV0aCI6ImRUcHciLCJwYXNzd29yZCI6InAiLCJ1c2VybmFtZSI6InUifX19";
    assert!(shown.contains(&format!(".dockerconfigjson: {login}\n")), "{shown}");
    assert!(shown.contains("type: kubernetes.io/dockerconfigjson\n"), "{shown}");
}

#[tokio::test]
async fn a_dry_run_needs_no_node() {
    let mut command = wharf("create configmap c --from-literal a=1 --dry-run=client -o name");
    command.env("DOCKER_HOST", "unix:///nowhere/docker.sock");
    assert_eq!(finish(command).await.exits(0).out, "configmap/c\n");
}
