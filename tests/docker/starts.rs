//! What keeps pods from starting: each is named with its reason, and the rest goes on.

use std::net::TcpListener;

use crate::harness::{Node, SOON, eventually};

const BAD: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: good}
spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: "nginx:1.27"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: port}
spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: "nginx:1.27", ports: [{containerPort: 80, hostPort: PORT}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: never}
spec: {containers: [{name: c, image: "localhost:1/none:1", imagePullPolicy: Never}]}
---
apiVersion: v1
kind: Pod
metadata: {name: nowhere}
spec: {containers: [{name: c, image: "localhost:1/none:1"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: command}
spec: {containers: [{name: c, image: "busybox:1.36", command: [/none]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: memory}
spec:
  restartPolicy: Never
  containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "head -c 200m /dev/zero | tail"], resources: {limits: {memory: 20Mi}}}]
---
apiVersion: v1
kind: Pod
metadata: {name: volume}
spec:
  containers: [{name: c, image: "busybox:1.36", volumeMounts: [{name: v, mountPath: /v}]}]
  volumes: [{name: v, secret: {secretName: none}}]
---
apiVersion: v1
kind: Pod
metadata: {name: variable}
spec: {containers: [{name: c, image: "busybox:1.36", envFrom: [{configMapRef: {name: none}}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: init}
spec:
  restartPolicy: Never
  initContainers:
    - {name: i, image: "busybox:1.36", command: [sh, -c, "echo not today; exit 4"]}
    - {name: j, image: "busybox:1.36", command: [sh, -c, "echo never reached"]}
  containers: [{name: c, image: "busybox:1.36", command: [sleep, "3600"]}]
"#;

#[test]
fn what_does_not_start_is_named_with_its_reason_and_the_rest_goes_on() {
    let node = Node::up("starts");
    let other = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let told = node.try_apply(&BAD.replace("PORT", &port.to_string()), &["--timeout", "90s"]).fails(3);
    let reasons = [
        ("port", format!("FailedCreatePodSandBox: port {port} of the host is already in use")),
        ("never", "ErrImageNeverPull: Container image \"localhost:1/none:1\" is not present".to_owned()),
        ("nowhere", "ImagePullBackOff: Back-off pulling image \"localhost:1/none:1\": ErrImagePull: ".to_owned()),
        ("command", "RunContainerError: exec: \"/none\": stat /none: no such file or directory".to_owned()),
        ("memory", "c: OOMKilled, exit code 137".to_owned()),
        ("volume", "FailedMount: MountVolume.SetUp failed for volume \"v\" : secret \"none\" not found".to_owned()),
        ("variable", "CreateContainerConfigError: configmap \"none\" not found".to_owned()),
        ("init", "i: Error, exit code 4".to_owned()),
    ];
    for (pod, reason) in &reasons {
        let error = format!("error: pod/{pod} is not ready: ");
        let line = told.lines().find(|l| l.starts_with(&error)).unwrap_or_else(|| panic!("no {error}in:\n{told}"));
        assert!(line.contains(reason), "{line}");
    }
    for text in ["✓ pod/good: ready", "hint: free the port", "hint: check the image's name", "    not today"] {
        assert!(told.contains(text), "no {text:?} in:\n{told}");
    }
    assert!(!told.contains("never reached"), "{told}");
    let waiting = &node.get("pod port")["status"];
    assert_eq!(waiting["phase"], "Pending");
    let event =
        |e: &serde_json::Value| e["involvedObject"]["name"] == "port" && e["reason"] == "FailedCreatePodSandBox";
    assert!(node.list("events").iter().any(event));

    drop(other);
    let missing = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: none}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: none}\n";
    node.apply(missing);
    eventually("the port's pod comes up by itself", 4 * SOON, || {
        (node.get("pod port")["status"]["phase"] == "Running").then_some(())
    });
}
