//! The way back, what leaves the files, and what an apply would do, on a real engine.

use crate::harness::workloads::{all, client, web_with};
use crate::harness::{LATER, Node, eventually};

fn app(colour: &str, path: &str) -> String {
    let probe =
        format!("startupProbe: {{httpGet: {{path: {path}, port: http}}, periodSeconds: 1, failureThreshold: 600}}");
    web_with("web", 2, "", &format!("env: [{{name: COLOUR, value: {colour}}}]\n{probe}"))
}

fn colour(node: &Node) -> String {
    let web = node.get("deployment web");
    web["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"].as_str().unwrap_or_default().to_owned()
}

fn config(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{a: '1'}}\n")
}

#[test]
fn a_rollout_is_undone_and_restarted_by_hand() {
    let node = Node::up("undo");
    node.apply(&all(&[&app("red", "/"), &client()]));
    let client = node.container("client", "client").unwrap().id;
    node.apply(&app("green", "/"));
    let history = node.wharf(&["rollout", "history", "deployment/web"]).ok();
    assert_eq!(history.lines().count(), 5, "{history}");
    assert_eq!(node.wharf(&["rollout", "undo", "deployment/web"]).ok(), "deployment.apps/web rolled back\n");
    let told = node.wharf(&["rollout", "status", "deployment/web", "--timeout", "90s"]).ok();
    assert!(told.ends_with("deployment \"web\" successfully rolled out\n"), "{told}");
    assert_eq!(colour(&node), "red");
    let before = node.names("pods -l app=web");
    node.wharf(&["rollout", "restart", "deployment/web"]).ok();
    node.wharf(&["rollout", "status", "deployment/web", "--timeout", "90s"]).ok();
    eventually("all pods are others", LATER, || {
        let now = node.names("pods -l app=web");
        (now.len() == 2 && now.iter().all(|pod| !before.contains(pod))).then_some(())
    });
    assert_eq!(node.container("client", "client").unwrap().id, client, "only what was named is restarted");
}

#[test]
fn an_update_that_never_becomes_ready_is_rolled_back() {
    let node = Node::up("back");
    node.apply(&all(&[&app("red", "/"), &client()]));
    let before = node.names("pods -l app=web");
    let told = node.try_apply(&app("green", "/nowhere"), &["--timeout", "8s", "--rollback"]).fails(3);
    assert!(told.contains("deployment.apps/web is not ready"), "{told}");
    assert!(told.contains("deployment.apps/web rolled back to the template that it had"), "{told}");
    assert_eq!(colour(&node), "red");
    eventually("only the old pods are there", LATER, || (node.names("pods -l app=web") == before).then_some(()));
    let page = node.get_in_pod("client", &format!("http://{}/", node.service_address("web"))).unwrap();
    assert!(before.iter().any(|pod| *pod == page.trim()), "{page}");
}

#[test]
fn what_left_the_files_is_shown_and_goes_with_its_containers() {
    let node = Node::up("prune");
    let set = |yaml: &str, args: &[&str]| node.try_apply(yaml, &[&["--set", "shop"], args].concat());
    let old = web_with("old", 1, "", "");
    set(&all(&[&app("red", "/"), &old, &config("old")]), &[]).ok();
    let kept = node.names("pods -l app=web");
    let files = app("red", "/");
    let diff = node.wharf_with(&["diff", "-f", "-", "--set", "shop", "--prune"], &files);
    assert_eq!(diff.code, 1, "{diff}");
    for line in [
        "- deployment.apps/old: would be deleted",
        "- service/old",
        "- configmap/old",
        "pods of Deployment old: 1 removed",
    ] {
        assert!(diff.out.contains(line), "{line} is not in {diff}");
    }
    assert_eq!(node.names("pods -l app=old").len(), 1, "a diff changes nothing");
    let told = set(&files, &["--prune"]);
    assert_eq!(told.code, 0, "{told}");
    assert!(
        told.err.contains("left the files and will be deleted: deployment.apps/old, service/old, configmap/old"),
        "{told}"
    );
    assert!(node.names("pods -l app=old").is_empty() && !node.names("configmaps").contains(&"old".to_owned()));
    assert!(node.containers().iter().all(|c| !c.name.contains(".old-")), "its containers are gone");
    assert_eq!(node.names("pods -l app=web"), kept);
}

#[test]
fn a_diff_tells_the_pods_that_an_apply_then_replaces() {
    let node = Node::up("diff");
    node.apply(&all(&[&app("red", "/"), &config("settings")]));
    let same = node.wharf_with(&["diff", "-f", "-"], &all(&[&app("red", "/"), &config("settings")]));
    assert_eq!((same.code, same.out.as_str()), (0, ""), "{same}");
    let before = node.names("pods -l app=web");
    let changed = all(&[&app("green", "/"), &config("settings")]);
    let diff = node.wharf_with(&["diff", "-f", "-"], &changed);
    assert_eq!(diff.code, 1, "{diff}");
    assert!(diff.out.contains("spec.template.spec.containers[web].env[COLOUR].value: red → green"), "{diff}");
    let pods = format!(
        "pods of Deployment web: 2 replaced ({}) because of spec.containers[web].env[COLOUR].value",
        before.join(", ")
    );
    assert!(diff.out.contains(&pods), "{pods} is not in {diff}");
    assert_eq!(node.names("pods -l app=web"), before);
    node.apply(&changed);
    eventually("the pods that were told are replaced", LATER, || {
        let now = node.names("pods -l app=web");
        (now.len() == 2 && now.iter().all(|pod| !before.contains(pod))).then_some(())
    });
}
