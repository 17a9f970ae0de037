//! A private registry with a certificate and a password, which is itself a pod.

use std::fs;
use std::path::PathBuf;

use crate::harness::workloads::all;
use crate::harness::{LATER, Node, Ran, SOON, certificate, eventually};

const USER: &str = "ann";
const PASSWORD: &str = "0pen-sesame";

const REGISTRY: &str = r#"apiVersion: v1
kind: Secret
metadata: {name: registry}
stringData:
  htpasswd: 'HTPASSWD'
  config.yml: |
    version: 0.1
    storage: {filesystem: {rootdirectory: /var/lib/registry}}
    http: {addr: ":5000", tls: {certificate: /tls/tls.crt, key: /tls/tls.key}}
    auth: {htpasswd: {realm: shop, path: /config/htpasswd}}
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
      readinessProbe: {httpGet: {path: /, port: 5000, scheme: HTTPS}, periodSeconds: 1}
      volumeMounts: [{name: config, mountPath: /config}, {name: tls, mountPath: /tls}]
  volumes:
    - {name: config, secret: {secretName: registry}}
    - {name: tls, secret: {secretName: registry-tls}}
"#;

/// A registry with one image, and a login at it; what was put on the machine for it goes when this is dropped.
struct Registry<'a> {
    node: &'a Node,
    image: String,
    /// A folder for Docker's own configuration, with the login.
    login: PathBuf,
    /// Where the engine looks for the certificate of this registry's authority.
    trusted: PathBuf,
}

impl<'a> Registry<'a> {
    #[track_caller]
    fn start(node: &'a Node) -> Self {
        let port = node.port();
        // Registries on the loopback interface need no certificates; the bridge is the nearest other one.
        let format = "{{(index .IPAM.Config 0).Gateway}}";
        let host = node.docker(&["network", "inspect", "-f", format, &node.name]);
        let name = format!("{host}:{port}");
        let (login, trusted) =
            (std::env::temp_dir().join(&node.name), PathBuf::from("/etc/docker/certs.d").join(&name));
        let registry = Self { node, image: format!("{name}/team/tool:1"), login, trusted };
        fs::create_dir_all(&registry.login).and(fs::create_dir_all(&registry.trusted)).unwrap();
        let (authority, tls) = certificate(&registry.login, "registry-tls", "registry", &host);
        fs::copy(authority, registry.trusted.join("ca.crt")).unwrap();

        let hashed = ["run", "--rm", "--entrypoint", "htpasswd", "registry:2", "-Bbn", USER, PASSWORD];
        let hashed = node.docker(&hashed);
        node.apply(&all(&[&tls, &REGISTRY.replace("HTPASSWD", hashed.trim()).replace("PORT", &port.to_string())]));
        let config = registry.login.to_str().unwrap();
        let mine = ["--config", config];
        node.docker(&[&mine[..], &["login", "-u", USER, "-p", PASSWORD, &name]].concat());
        node.docker(&["tag", "busybox:1.36", &registry.image]);
        node.docker(&[&mine[..], &["push", "-q", &registry.image]].concat());
        registry.forget();
        registry
    }

    /// Takes the image's name from the engine.
    fn forget(&self) {
        self.node.try_docker(&["rmi", &self.image]);
    }

    /// A pod that runs the image; more fields of its spec, one to a line.
    fn user(&self, name: &str, spec: &str) -> String {
        format!(
            "apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  terminationGracePeriodSeconds: 0
  {spec}
  containers: [{{name: c, image: '{}', command: [sleep, '3600']}}]
",
            self.image
        )
    }

    /// A Secret for this registry.
    fn secret(&self, password: &str) -> String {
        let registry = self.image.split('/').next().unwrap();
        let auths = serde_json::json!({"auths": {registry: {"username": USER, "password": password}}});
        format!(
            "apiVersion: v1
kind: Secret
metadata: {{name: login}}
type: kubernetes.io/dockerconfigjson
stringData: {{.dockerconfigjson: '{auths}'}}
"
        )
    }
}

impl Drop for Registry<'_> {
    fn drop(&mut self) {
        for pod in ["user", "heir", "mine"] {
            self.node.wharf(&["delete", "pod", pod, "--ignore-not-found"]);
        }
        self.forget();
        let _ = fs::remove_dir_all(&self.login);
        let _ = fs::remove_dir_all(&self.trusted);
    }
}

#[test]
fn who_has_the_password_of_a_private_registry_gets_its_image() {
    let node = Node::up("private");
    let registry = Registry::start(&node);
    let waiting =
        |pod: &str| node.get(&format!("pod {pod}"))["status"]["containerStatuses"][0]["state"]["waiting"].clone();
    let runs = |pod: &str| node.get(&format!("pod {pod}"))["status"]["phase"] == "Running";

    let user = registry.user("user", "imagePullSecrets: [{name: login}]");
    node.try_apply(&all(&[&registry.secret("wrong"), &user]), &["--wait=false"]);
    let first = eventually("the pull fails", SOON, || Some(waiting("user")).filter(|w| w["reason"] == "ErrImagePull"));
    let message = first["message"].as_str().unwrap();
    assert!(message.contains("unauthorized"), "the registry's own words: {message}");
    eventually("it backs off", LATER, || (waiting("user")["reason"] == "ImagePullBackOff").then_some(()));
    let told = node.try_apply(&user, &["--timeout", "60s"]).fails(3);
    assert!(told.contains("docker login"), "{told}");
    node.apply(&registry.secret(PASSWORD));
    eventually("the right password is all that it needs", SOON, || runs("user").then_some(()));

    node.wharf(&["delete", "pod", "user"]).ok();
    registry.forget();
    let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: heir}\nimagePullSecrets: [{name: login}]\n";
    node.apply(&all(&[account, &registry.user("heir", "serviceAccountName: heir")]));
    node.wharf(&["delete", "pod", "heir"]).ok();
    registry.forget();

    node.secrets_stay_secret();
}

#[test]
fn the_users_own_login_is_enough() {
    let node = Node::up("login");
    let registry = Registry::start(&node);
    let mine = registry.user("mine", "restartPolicy: Always");
    let told = node.try_apply(&mine, &["--timeout", "60s"]).fails(3);
    assert!(told.contains("no basic auth credentials"), "{told}");
    let apply = || {
        let mut command = node.wharf_command(&["apply", "-f", "-", "--timeout", "60s"]);
        Ran::of(command.env("DOCKER_CONFIG", &registry.login), &mine)
    };
    let told = apply();
    assert_eq!(told.code, 0, "{told}");
    assert!(told.err.contains("with your login") && !told.err.contains(PASSWORD), "{told}");
    // Without the login, and without the agent that was told of it: the node remembers.
    node.wharf(&["delete", "pod", "mine"]).ok();
    registry.forget();
    node.docker(&["restart", "-t", "1", &node.name]);
    node.apply(&mine);
    let again = apply();
    assert!(!again.err.contains("with your login"), "nothing was pulled, so nothing was asked for: {again}");
    node.secrets_stay_secret();
}

impl Node {
    /// Insists that the password is nowhere but in Secrets.
    #[track_caller]
    fn secrets_stay_secret(&self) {
        let ids: Vec<String> = self.containers().into_iter().map(|c| c.id).collect();
        let inspected: String = ids.iter().map(|id| self.try_docker(&["inspect", id]).out).collect();
        let log = self.try_docker(&["logs", &self.name]);
        let events = self.wharf(&["get", "events", "-A", "-o", "yaml"]).out;
        let described = self.wharf(&["describe", "pods"]).out;
        for text in [inspected, log.out, log.err, events, described] {
            assert!(!text.contains(PASSWORD), "the password is told:\n{text}");
        }
    }
}
