//! Wrong manifests through the binary: everything that is wrong is told at once, and nothing is changed on the node.

use crate::node::{Node, config, finish, wharf};

const APP: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replica: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: wbe}}
    spec:
      hostUsers: false
      containers:
      - name: Web
        envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: keys}}]
        env: [{name: PORT, value: 80}]
        ports: [{containerPort: '80'}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: once}
";

#[tokio::test(flavor = "multi_thread")]
async fn all_problems_of_all_files_at_once_and_nothing_is_changed() {
    let node = Node::start().await;
    node.write("app.yaml", APP);
    node.write("tab.yaml", &format!("{}---\napiVersion: v1\nkind: Secret\nmetadata:\n\tname: s\n", config("settings")));
    let before = node.wharf("get all,cm,secrets,ing,events -A -o yaml").await.exits(0).out;
    let done = node.wharf("apply -f app.yaml -f tab.yaml -f none.yaml").await.exits(1);
    insta::assert_snapshot!(done.err, @r#"
    none.yaml: error: can't be read: no such file or directory
    app.yaml:5:3: error: spec.replica: unknown field
        hint: did you mean "replicas"?
    app.yaml:8:16: error: spec.template.metadata.labels: invalid value: {"app":"wbe"}: `selector` does not match template `labels`
    app.yaml:10:7: error: spec.template.spec.hostUsers: "false" is not honoured: Docker maps users for all containers of an engine or for none
        hint: --allow-unsupported turns this into a warning
    app.yaml:12:9: error: spec.template.spec.containers[0].name: invalid value: "Web": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
    app.yaml:12:9: error: spec.template.spec.containers[0].image: required field is missing
    app.yaml:13:66: warning: spec.template.spec.containers[0].envFrom[1].secretRef.name: Secret default/keys exists neither in the files nor on the node
    app.yaml:14:28: error: spec.template.spec.containers[0].env[0].value: wrong type: want a string, found the number 80
        hint: put it in quotes: "80"
    app.yaml:15:18: error: spec.template.spec.containers[0].ports[0].containerPort: wrong type: want a whole number, found the string "80"
        hint: write 80, without quotes
    app.yaml:16:54: warning: spec.template.spec.volumes[0].persistentVolumeClaim.claimName: PersistentVolumeClaim default/data exists neither in the files nor on the node
    app.yaml:21:35: warning: spec.defaultBackend.service.name: Service default/web exists neither in the files nor on the node
    app.yaml:24:1: error: kind: NetworkPolicy (networking.k8s.io/v1) is a Kubernetes kind that wharf does not have yet
    tab.yaml:9:1: error: found character that cannot start any token, while scanning for the next token
        hint: indent with spaces: YAML takes no tabs
    error: 10 errors in the files; nothing was changed
    "#);
    assert_eq!(node.wharf("get all,cm,secrets,ing,events -A -o yaml").await.out, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_honoured_is_refused_unless_allowed() {
    let node = Node::start().await;
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostUsers: false, containers: [{name: a, image: 'web:1'}]}\n";
    let refused = node.pipe("apply -f -", pod).await.exits(1);
    insta::assert_snapshot!(refused.err, @r#"
    -:4:8: error: spec.hostUsers: "false" is not honoured: Docker maps users for all containers of an engine or for none
        hint: --allow-unsupported turns this into a warning
    error: 1 error in the files; nothing was changed
    "#);
    let allowed = node.pipe("apply -f - --allow-unsupported", pod).await.exits(0);
    assert!(allowed.err.starts_with("-:4:8: warning: spec.hostUsers"), "{}", allowed.err);
    assert!(allowed.err.contains("pod/a created"), "{}", allowed.err);
}

#[tokio::test]
async fn what_people_get_wrong_is_told_in_their_words() {
    let cases = [
        ("compose", "services:\n  web: {image: nginx}\n"),
        ("kustomization", "resources:\n- web.yaml\n"),
        ("template", "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n"),
        ("old", "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: a}\n"),
        (
            "indentation",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n  image: nginx\n",
        ),
        ("colon", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: pass: word\n"),
        (
            "units",
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec:\n  accessModes: ReadWriteOnce\n  resources: {requests: {storage: 5 GB}}\n",
        ),
        (
            "selector",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  selector: {app: a}\n  template:\n    metadata: {labels: {app: a}}\n    spec: {containers: [{name: a, image: nginx}, {name: a, image: nginx}]}\n",
        ),
        ("text", "hello\n"),
        ("empty", "# nothing\n"),
        ("windows", "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: a\r\ndata:\r\n  b: 3\r\n"),
    ];
    let folder = std::env::temp_dir().join(format!("wharf-wrong-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut said = String::new();
    for (name, text) in cases {
        std::fs::write(folder.join(name), text).unwrap();
        let mut command = wharf(&format!("apply -f {name}"));
        command.current_dir(&folder).env("DOCKER_HOST", "unix:///nowhere/docker.sock");
        said += &finish(command).await.exits(1).err.replace("; nothing was changed", "");
    }
    std::fs::remove_dir_all(&folder).unwrap();
    insta::assert_snapshot!(said, @r#"
    compose:1:1: error: this is a Docker Compose file, no Kubernetes object
        hint: `kompose convert` makes manifests of it
    error: 1 error in the files
    kustomization:1:1: error: this is a Kustomization, no Kubernetes object
        hint: render it first: kubectl kustomize FOLDER | wharf apply -f -
    error: 1 error in the files
    template:1: error: key must be a string
        hint: this looks like a template; render it first: helm template CHART | wharf apply -f -
    error: 1 error in the files
    old:1:1: error: apiVersion: wharf has no Ingress of extensions/v1beta1
        hint: write apiVersion: networking.k8s.io/v1
    error: 1 error in the files
    indentation:6:5: error: spec.containers[0].image: required field is missing
    indentation:7:3: error: spec.image: unknown field
        hint: it belongs into containers: is it indented right?
    error: 2 errors in the files
    colon:5:10: error: mapping values are not allowed in this context
        hint: check the indentation; text with ": " in it must be in quotes
    error: 1 error in the files
    units:5:3: error: spec.accessModes: wrong type: want a list, found the string "ReadWriteOnce"
        hint: begin each item with "- "
    units:6:26: error: spec.resources.requests[storage]: wrong type: want a quantity such as 500m or 64Mi, found the string "5 GB"
        hint: write 5G
    error: 2 errors in the files
    selector:5:14: error: spec.selector.app: unknown field
        hint: labels to match go into matchLabels
    selector:8:51: error: spec.template.spec.containers[1].name: duplicate value: "a"
    error: 2 errors in the files
    text:1:1: error: a Kubernetes object is wanted, with apiVersion, kind and metadata
    error: 1 error in the files
    error: no objects in empty
    windows:6:3: error: data[b]: wrong type: want a string, found the number 3
        hint: put it in quotes: "3"
    error: 1 error in the files
    "#);
}
