//! Only what changed is touched.

use std::collections::BTreeMap;
use std::process::Stdio;

use crate::harness::workloads::{all, client, web, web_with};
use crate::harness::{Container, LATER, Node, SOON, eventually};

/// Pods, services and deployments with their resource versions.
fn versions(node: &Node) -> BTreeMap<String, String> {
    let kinds = "pods,services,deployments,replicasets,configmaps,persistentvolumeclaims,endpointslices -A";
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let one = |o: &serde_json::Value| {
        let meta = &o["metadata"];
        (format!("{} {}/{}", o["kind"], meta["namespace"], meta["name"]), text(&meta["resourceVersion"]))
    };
    node.list(kinds).iter().map(one).collect()
}

/// Waits until nothing is on its way any more, and tells what there is.
fn settled(node: &Node) -> (Vec<Container>, BTreeMap<String, String>) {
    let mut last = (node.containers(), versions(node));
    eventually("nothing changes any more", LATER, || {
        let now = (node.containers(), versions(node));
        let same = now == last;
        last = now;
        same.then(|| last.clone())
    })
}

#[test]
fn a_second_apply_touches_nothing() {
    let node = Node::up("second");
    let config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {colour: blue}\n";
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n\
                 spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n";
    let uses = "env: [{name: COLOUR, valueFrom: {configMapKeyRef: {name: settings, key: colour}}}]\n\
                resources: {requests: {cpu: 10m, memory: 8Mi}, limits: {memory: 0.5Gi}}\n";
    let manifests = all(&[config, claim, &web_with("web", 2, "", uses), &client()]);
    node.apply(&manifests);
    let before = settled(&node);
    for _ in 0..2 {
        let told = node.apply(&manifests);
        assert!(told.lines().any(|line| line == "5 unchanged"), "{told}");
    }
    assert_eq!(settled(&node), before);
}

#[test]
fn changing_one_deployment_of_many_touches_only_its_pods() {
    let node = Node::up("one-of-many");
    let names = ["one", "two", "three"];
    let app = |second: &str| all(&[&web("one", 1), &web_with("two", 2, "", second), &web("three", 1)]);
    node.apply(&app(""));
    let before = settled(&node);
    let told = node.apply(&app("env: [{name: COLOUR, value: red}]"));
    assert!(told.lines().any(|line| line == "1 configured, 5 unchanged"), "{told}");
    let after = settled(&node);
    let of = |containers: &[Container], name: &str| -> Vec<Container> {
        containers.iter().filter(|c| c.label("wharf.pod").starts_with(&format!("{name}-"))).cloned().collect()
    };
    for name in names {
        let (old, new) = (of(&before.0, name), of(&after.0, name));
        assert_eq!(old.len(), new.len(), "{new:#?}");
        let same = old.iter().filter(|c| new.contains(c)).count();
        assert_eq!(same, if name == "two" { 0 } else { old.len() }, "{name}");
    }
    let pod = node.names("pods -l app=two").remove(0);
    assert!(node.wharf(&["env", &pod]).ok().lines().any(|line| line == "COLOUR=red"));
}

#[test]
fn two_applies_at_once_are_fine() {
    let node = Node::new("at-once");
    let folder = std::env::temp_dir().join(&node.name);
    std::fs::create_dir_all(&folder).unwrap();
    // The node is not even up.
    let apply = |name: &str| {
        let file = folder.join(name);
        std::fs::write(&file, all(&[&web("shared", 1), &web(name, 1)])).unwrap();
        let (http, https) = (node.http_port.to_string(), node.https_port.to_string());
        let args = ["apply", "-f", file.to_str().unwrap(), "--http-port", &http, "--https-port", &https];
        node.wharf_command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let both = [apply("left"), apply("right")];
    for child in both {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    std::fs::remove_dir_all(&folder).unwrap();
    let deployments = node.names("deployments");
    assert_eq!(deployments, ["left", "right", "shared"]);
    assert_eq!(node.list("pods").len(), 3);
}

#[test]
fn the_deletion_of_a_namespace_takes_everything_in_it() {
    let node = Node::up("namespace");
    let space = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\n\
                 spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n";
    let web = web("web", 2).replace("metadata:\n  name: web\n", "metadata:\n  name: web\n  namespace: shop\n");
    let user = client().replace("  name: client\n", "  name: client\n  namespace: shop\n").replacen(
        "spec:\n",
        "spec:\n  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]\n",
        1,
    ) + "      volumeMounts: [{name: data, mountPath: /data}]\n";
    node.apply(&all(&[space, claim, &web, &user]));
    let in_shop = |node: &Node| node.containers().iter().filter(|c| c.label("wharf.namespace") == "shop").count();
    assert_eq!(in_shop(&node), 6);
    let volumes = node.labelled("volume");
    node.wharf(&["delete", "namespace", "shop"]).ok();
    assert_eq!(in_shop(&node), 0);
    assert!(node.list("namespaces").iter().all(|n| n["metadata"]["name"] != "shop"));
    assert!(node.list("all -A").iter().all(|o| o["metadata"]["namespace"] != "shop"));
    eventually("the claim's volume is gone", SOON, || {
        (node.labelled("volume").len() == volumes.len() - 1).then_some(())
    });
}
