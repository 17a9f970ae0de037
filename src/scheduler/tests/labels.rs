//! Where labels let a pod be: those of the node, and those of the pods beside it.

use insta::assert_snapshot;
use k8s_openapi::api::core::v1::{Namespace, Node, Pod};
use serde_json::{Value, json};

use super::{decided, node, pod, text};
use crate::api::View;

fn here() -> Node {
    let mut node = node(&json!({}));
    let labels = node.metadata.labels.get_or_insert_default();
    labels.extend([("kubernetes.io/hostname", "wharf"), ("cores", "4")].map(|(k, v)| (k.to_owned(), v.to_owned())));
    node
}

fn labelled(name: &str, app: &str, spec: Value) -> Pod {
    let mut pod = pod(name, spec);
    pod.metadata.labels = Some([("app".to_owned(), app.to_owned())].into());
    pod
}

/// What becomes of the last pod beside the others.
fn fate(pods: impl IntoIterator<Item = Pod>) -> String {
    let told = text(here(), pods);
    let last = told.lines().last().unwrap_or_default();
    last.split_once(" are available: ").map_or(last, |(_, why)| why).to_owned()
}

#[test]
fn required_node_affinity_is_one_of_several_terms() {
    let with = |terms: Value| {
        let required = json!({"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}});
        fate([pod("a", json!({"affinity": {"nodeAffinity": required}}))])
    };
    let label = |key: &str, operator: &str, values: Value| json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]});
    let (fits, refused) =
        ("update Pod shop/a: it fits on wharf", "1 node(s) didn't match Pod's node affinity/selector.");
    for (terms, expected) in [
        (json!([label("disk", "In", json!(["tape", "ssd"]))]), fits),
        (json!([label("disk", "NotIn", json!(["ssd"]))]), refused),
        (json!([label("disk", "NotIn", json!(["ssd"])), label("disk", "Exists", json!([]))]), fits),
        (json!([label("gpu", "DoesNotExist", json!([]))]), fits),
        (json!([label("cores", "Gt", json!(["3"]))]), fits),
        (json!([label("cores", "Lt", json!(["4"]))]), refused),
        (json!([label("disk", "Gt", json!(["1"]))]), refused),
        (json!([{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["wharf"]}]}]), fits),
        (json!([{"matchFields": [{"key": "metadata.name", "operator": "NotIn", "values": ["wharf"]}]}]), refused),
        (json!([{}]), refused),
    ] {
        assert_eq!(with(terms.clone()), expected, "{terms}");
    }
}

fn term(sort: &str, app: &str, key: &str) -> Value {
    let term = json!({"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": key});
    json!({"affinity": {sort: {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}})
}

const HOST: &str = "kubernetes.io/hostname";

#[test]
fn pods_that_want_company_wait_for_it_but_the_first_of_a_group_does_not() {
    let running = || labelled("db", "db", json!({"nodeName": "wharf"}));
    let wants = |app: &str, key: &str| labelled("web", "web", term("podAffinity", app, key));
    assert_snapshot!(fate([running(), wants("db", HOST)]), @"update Pod shop/web: it fits on wharf");
    assert_snapshot!(fate([running(), wants("cache", HOST)]), @"1 node(s) didn't match pod affinity rules.");
    assert_snapshot!(fate([running(), wants("db", "zone")]), @"1 node(s) didn't match pod affinity rules.");
    assert_snapshot!(fate([wants("web", HOST)]), @"update Pod shop/web: it fits on wharf");
}

#[test]
fn pods_that_keep_apart_do_so_both_ways() {
    let running = |spec: Value| {
        let mut spec = spec;
        spec["nodeName"] = json!("wharf");
        labelled("old", "db", spec)
    };
    let apart = |app: &str, key: &str| term("podAntiAffinity", app, key);
    assert_snapshot!(fate([running(json!({})), labelled("web", "web", apart("db", HOST))]), @"1 node(s) didn't match pod anti-affinity rules.");
    assert_snapshot!(fate([running(apart("web", HOST)), labelled("web", "web", json!({}))]), @"1 node(s) didn't satisfy existing pods anti-affinity rules.");
    assert_snapshot!(fate([running(json!({})), labelled("web", "web", apart("db", "zone"))]), @"update Pod shop/web: it fits on wharf");
    let replicas = [labelled("web-1", "web", apart("web", HOST)), labelled("web-2", "web", apart("web", HOST))];
    assert_snapshot!(text(here(), replicas), @r"
    update Pod shop/web-1: it fits on wharf
    warn Pod shop/web-2 FailedScheduling: 0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules, 1 node(s) didn't satisfy existing pods anti-affinity rules.
    ");
}

#[test]
fn a_term_means_pods_of_the_namespaces_that_it_names() {
    let beside = |more: Value| {
        let mut term = json!({"labelSelector": {}, "topologyKey": HOST});
        term.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let spec = json!({"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}});
        let mut other = labelled("other", "db", json!({"nodeName": "wharf"}));
        other.metadata.namespace = Some("blog".to_owned());
        let mut view = View::of([here()]);
        view.extend([other, labelled("web", "web", spec)]);
        let named = json!({"metadata": {"name": "blog", "labels": {"team": "x"}}});
        view.extend([serde_json::from_value::<Namespace>(named).unwrap()]);
        decided(&view).starts_with("update")
    };
    assert!(beside(json!({})), "its own namespace where it names none");
    assert!(!beside(json!({"namespaces": ["blog"]})));
    assert!(!beside(json!({"namespaceSelector": {}})), "all");
    assert!(!beside(json!({"namespaceSelector": {"matchLabels": {"team": "x"}}})));
    assert!(beside(json!({"namespaceSelector": {"matchLabels": {"team": "y"}}})));
    assert!(!beside(json!({"namespaceSelector": {}, "mismatchLabelKeys": ["app"]})), "of another app");
    assert!(beside(json!({"namespaceSelector": {}, "matchLabelKeys": ["app"]})), "of the same app only");
}

#[test]
fn one_domain_is_never_skewed_unless_more_are_wanted() {
    let spread = |more: Value| {
        let mut wish = json!({"maxSkew": 1, "topologyKey": HOST, "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": {"app": "web"}}});
        wish.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let spec = json!({"topologySpreadConstraints": [wish]});
        fate([labelled("old", "web", json!({"nodeName": "wharf"})), labelled("new", "web", spec)])
    };
    assert_snapshot!(spread(json!({})), @"update Pod shop/new: it fits on wharf");
    assert_snapshot!(spread(json!({"minDomains": 2})), @"1 node(s) didn't match pod topology spread constraints.");
    assert_snapshot!(spread(json!({"minDomains": 2, "maxSkew": 2})), @"update Pod shop/new: it fits on wharf");
    assert_snapshot!(spread(json!({"topologyKey": "zone"})), @"1 node(s) didn't match pod topology spread constraints (missing required label).");
    assert_snapshot!(spread(json!({"topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"})), @"update Pod shop/new: it fits on wharf");
}
