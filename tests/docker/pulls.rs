//! Images come from a real registry, which is itself a pod.

use crate::harness::{LATER, Node, SOON, eventually, get};

const REGISTRY: &str = r#"apiVersion: v1
kind: ConfigMap
metadata: {name: registry}
data:
  config.yml: |
    version: 0.1
    storage: {filesystem: {rootdirectory: /var/lib/registry}}
    http: {addr: ":5000"}
---
apiVersion: v1
kind: Pod
metadata: {name: registry}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: registry
      image: registry:2
      args: [serve, /config/config.yml]
      ports: [{containerPort: 5000, hostPort: PORT}]
      readinessProbe: {httpGet: {path: /v2/, port: 5000}, periodSeconds: 1}
      volumeMounts: [{name: config, mountPath: /config}]
  volumes: [{name: config, configMap: {name: registry}}]
"#;

const USERS: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: user}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - {name: c, image: "IMAGE", command: [sleep, "3600"]}
---
apiVersion: v1
kind: Pod
metadata: {name: none}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - {name: c, image: "NONE", command: [sleep, "3600"]}
"#;

#[test]
fn an_image_is_pulled_before_the_eyes_of_the_user() {
    let node = Node::up("pulls");
    let port = node.port();
    node.apply(&REGISTRY.replace("PORT", &port.to_string()));
    eventually("the registry answers", SOON, || get(&format!("localhost:{port}"), "x", "/v2/").ok());
    // The engine takes a registry on the loopback interface without certificates.
    let image = format!("localhost:{port}/tool:1");
    let maker = format!("{}-maker", node.name);
    node.docker(&["run", "--name", &maker, "busybox:1.36", "sh", "-c", "head -c 60000000 /dev/urandom >/blob"]);
    node.docker(&["commit", &maker, &image]);
    node.docker(&["rm", &maker]);
    node.docker(&["push", "-q", &image]);
    node.docker(&["rmi", &image]);

    let users = USERS.replace("IMAGE", &image).replace("NONE", &format!("localhost:{port}/none:1"));
    let ran = node.try_apply(&users, &["--timeout", "60s"]);
    let (pod, known) = (node.get("pod user"), node.try_docker(&["image", "inspect", &image]).code == 0);
    let events: Vec<_> = node.list("events").iter().map(|e| e["message"].to_string()).collect();
    // Only when nothing runs from it any more does Docker take the image away with its name.
    node.wharf(&["delete", "pod", "user"]);
    node.try_docker(&["rmi", &image]);
    assert!(known && pod["status"]["phase"] == "Running", "{pod}");
    assert!(ran.err.contains(&format!("pulling {image}")), "{ran}");
    assert!(events.iter().any(|m| m.contains("Successfully pulled image")), "{events:?}");
    let told = ran.fails(3);
    for text in
        ["✓ pod/user: ready", "error: pod/none is not ready: none: c: ImagePullBackOff", "hint: check the image's name"]
    {
        assert!(told.contains(text), "no {text:?} in:\n{told}");
    }
    eventually("it goes on trying", LATER, || {
        let pulling = node
            .list("events")
            .into_iter()
            .find(|e| e["reason"] == "Pulling" && e["involvedObject"]["name"] == "none")?;
        (pulling["count"].as_u64()? > 1).then_some(())
    });
}
