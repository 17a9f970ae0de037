//! Pods and kubectl at the node's API: what a token, a role and a certificate open, and when that ends.

use std::process::Command;

use crate::harness::workloads::client;
use crate::harness::{LATER, Node, Ran, SOON, eventually};

const ASKER: &str = r#"apiVersion: v1
kind: ServiceAccount
metadata: {name: asker}
---
apiVersion: v1
kind: Pod
metadata: {name: asker}
spec:
  serviceAccountName: asker
  terminationGracePeriodSeconds: 0
  containers:
    - {name: client, image: 'curlimages/curl:8.8.0', command: [sleep, infinity]}
"#;

const ROLE: &str = r#"apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules:
  - {apiGroups: [""], resources: [pods], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects:
  - {kind: ServiceAccount, name: asker}
"#;

const PODS: &str = "https://kubernetes.default.svc/api/v1/namespaces/default/pods";

/// The code of the answer when a pod asks for the pods of its namespace, with this token (a shell word).
fn ask(node: &Node, pod: &str, token: &str) -> String {
    let here = "/var/run/secrets/kubernetes.io/serviceaccount";
    let script = format!(
        "curl -s -m 10 -o /dev/null -w '%{{http_code}}' --cacert {here}/ca.crt -H \"Authorization: Bearer {token}\" {PODS}"
    );
    node.wharf(&["exec", pod, "--", "sh", "-c", &script]).ok()
}

#[test]
fn a_pod_asks_the_api_as_far_as_a_role_allows_and_as_long_as_it_lives() {
    let node = Node::up("token");
    node.apply(&[ASKER, &client()].join("---\n"));
    let own = "$(cat /var/run/secrets/kubernetes.io/serviceaccount/token)";
    let becomes = |code: &str| eventually(code, SOON, || (ask(&node, "asker", own) == code).then_some(()));
    becomes("403");
    assert_eq!(ask(&node, "asker", "forged"), "401", "a token that is none");
    let namespace = ["exec", "asker", "--", "cat", "/var/run/secrets/kubernetes.io/serviceaccount/namespace"];
    assert_eq!(node.wharf(&namespace).ok(), "default");
    node.apply(ROLE);
    becomes("200");
    let token = node.wharf(&["exec", "asker", "--", "cat", "/var/run/secrets/kubernetes.io/serviceaccount/token"]).ok();
    assert_eq!(ask(&node, "client", token.trim()), "200", "whoever has the token is the account");
    node.wharf(&["delete", "pod", "asker"]).ok();
    assert_eq!(ask(&node, "client", token.trim()), "401", "the token died with its pod");
}

#[test]
fn kubectl_reaches_the_node_by_a_context_with_a_certificate() {
    let node = Node::up("kubeconfig");
    let (port, folder) = (node.port().to_string(), std::env::temp_dir().join(&node.name));
    let file = folder.join("config").display().to_string();
    node.wharf(&["kubeconfig", "--port", &port, "--file", &file]).ok();
    let kubectl = |arguments: &str| {
        let mut command = Command::new("kubectl");
        command.args(arguments.split(' ')).env("KUBECONFIG", &file).env("HOME", &folder);
        Ran::of(&mut command, "")
    };
    assert!(kubectl("get nodes -o name").ok().contains(&format!("node/{}", node.name)));
    node.apply(&client());
    assert_eq!(kubectl("get pod client -o jsonpath={.status.phase}").ok(), "Running");
    kubectl("logs client").ok();
    let without =
        Ran::of(Command::new("curl").args(["-sk", &format!("https://127.0.0.1:{port}/api/v1/pods")]), "").ok();
    assert!(without.contains("Unauthorized"), "{without}");
    node.wharf(&["kubeconfig", "--remove", "--file", &file]).ok();
    let closed = || (kubectl("get nodes --request-timeout=2s").code != 0).then_some(());
    eventually("the port is closed", LATER, closed);
    std::fs::remove_dir_all(folder).unwrap();
}
