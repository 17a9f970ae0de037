//! Files made of objects and of a pod's own fields: what a program finds, how it follows changes, and where it never is.

use crate::harness::{Node, SOON, eventually};

const PODS: &str = r#"apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: blue, size: large}
---
apiVersion: v1
kind: Secret
metadata: {name: key}
stringData: {password: lighthouse-of-1877}
---
apiVersion: v1
kind: Pod
metadata:
  name: all
  labels: {tide: low}
  annotations: {note: "say \"ahoy\""}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: a
      image: busybox:1.36
      command: [sleep, "3600"]
      resources: {limits: {memory: 64Mi}}
      env: [{name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
      volumeMounts:
        - {name: mixed, mountPath: /mixed}
        - {name: open, mountPath: /open}
        - {name: self, mountPath: /self}
        - {name: mixed, mountPath: /etc/colour, subPath: settings/colour}
        - {name: logs, mountPath: /logs, subPathExpr: "pods/$(POD)"}
        - {name: fast, mountPath: /fast, subPathExpr: "$(POD)"}
        - {name: logs, mountPath: /all-logs}
  volumes:
    - name: mixed
      projected:
        defaultMode: 0440
        sources:
          - configMap: {name: settings, items: [{key: colour, path: settings/colour, mode: 0644}]}
          - secret: {name: key}
          - secret: {name: not-there, optional: true}
          - downwardAPI: {items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]}
    - {name: open, projected: {sources: [{configMap: {name: settings}}]}}
    - name: self
      downwardAPI:
        items:
          - {path: labels, fieldRef: {fieldPath: metadata.labels}}
          - {path: annotations, fieldRef: {fieldPath: metadata.annotations}}
          - {path: memory, resourceFieldRef: {containerName: a, resource: limits.memory, divisor: 1Mi}}
    - {name: logs, emptyDir: {}}
    - {name: fast, emptyDir: {medium: Memory}}
"#;

fn sh(node: &Node, command: &str) -> String {
    node.wharf(&["exec", "all", "-c", "a", "--", "sh", "-c", command]).ok()
}

#[test]
fn projected_files_follow_their_objects_and_the_pod_within_seconds() {
    let node = Node::up("files");
    node.apply(PODS);
    assert_eq!(
        sh(&node, "cat /mixed/settings/colour /mixed/password /mixed/namespace"),
        "bluelighthouse-of-1877default"
    );
    assert_eq!(sh(&node, "stat -Lc %a /mixed/settings/colour /mixed/password /open/size"), "644\n440\n644\n");
    assert_eq!(sh(&node, "cat /self/labels /self/annotations /self/memory"), "tide=\"low\"note=\"say \\\"ahoy\\\"\"64");
    sh(&node, "echo 1 >/logs/file; echo 2 >/fast/file");
    assert_eq!(sh(&node, "cat /all-logs/pods/all/file"), "1\n");

    let before = node.containers();
    let changed = PODS.replace("colour: blue", "colour: green").replace("of-1877", "of-1878").replace("low}", "high}");
    node.apply(&changed);
    eventually("the files follow", SOON, || {
        let now = sh(&node, "cat /mixed/settings/colour /mixed/password /open/colour /self/labels");
        (now == "greenlighthouse-of-1878greentide=\"high\"").then_some(())
    });
    assert_eq!(sh(&node, "cat /etc/colour"), "blue", "a part stays as it was when the container began");
    assert_eq!(node.containers(), before, "no container was touched");
    // Not in so many words: these are in the configuration of the container that looks for them.
    in_no_file(&node, "[l]ighthouse-of-187");
}

/// The text is in no file of Docker's volumes or of its containers, their logs among them: what is in memory is on
/// another device than the folders.
fn in_no_file(node: &Node, text: &str) {
    let root = node.docker(&["info", "-f", "{{.DockerRootDir}}"]);
    let mounts = format!("{}:/docker:ro", root.trim());
    let find = format!(
        "find /docker/volumes /docker/containers -xdev -type f -size -4096k -exec grep -l {text} {{}} + || true"
    );
    assert_eq!(node.docker(&["run", "--rm", "-v", &mounts, "busybox:1.36", "sh", "-c", &find]), "");
}
