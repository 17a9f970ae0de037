//! What server-side apply changes, and what it leaves.

mod strategic;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::fields::Fields;
use super::{Applied, apply};

fn applied(live: &Value, object: &Value, manager: &str) -> Value {
    apply(live, &Applied { object, manager, force: false, time: "2026-01-01T00:00:00Z" }).unwrap()
}

fn deployment(spec: &Value, containers: &Value) -> Value {
    let mut object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec});
    object["spec"]["template"] = json!({"spec": {"containers": containers}});
    object
}

#[test]
fn fields_are_written_as_kubernetes_does() {
    let object = deployment(
        &json!({"replicas": 1}),
        &json!([{"name": "web", "ports": [{"containerPort": 80}], "args": ["a"], "resources": {}}]),
    );
    insta::assert_snapshot!(
        Fields::of(&object).print().to_string(),
        @r#"{"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:args":{},"f:name":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}},"f:resources":{}}}}}}}"#
    );
    let fields = Fields::of(&object);
    assert_eq!(Fields::parse(&fields.print()), fields);
}

#[test]
fn what_is_left_out_goes_and_what_others_set_stays() {
    let first = deployment(
        &json!({"replicas": 1}),
        &json!([{"name": "web", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                 "livenessProbe": {"httpGet": {"path": "/"}}}, {"name": "side", "image": "i"}]),
    );
    let mut live = applied(&json!({}), &first, "wharf");
    // The server fills in defaults, a controller annotates, an injector adds a container.
    live["spec"]["template"]["spec"]["containers"][0]["livenessProbe"]["periodSeconds"] = 10.into();
    live["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] = "Always".into();
    live["spec"]["template"]["spec"]["containers"].as_array_mut().unwrap().push(json!({"name": "injected"}));
    live["metadata"]["annotations"] = json!({"revision": "1"});
    let second = deployment(&json!({}), &json!([{"name": "web", "env": [{"name": "B", "value": "3"}]}]));
    let next = applied(&live, &second, "wharf");
    assert_eq!(
        next["spec"],
        json!({"template": {"spec": {"containers": [
            {"name": "web", "env": [{"name": "B", "value": "3"}], "imagePullPolicy": "Always"}, {"name": "injected"},
        ]}}})
    );
    assert_eq!(next["metadata"]["annotations"], json!({"revision": "1"}));
}

#[test]
fn a_field_that_two_managers_want_stays_until_both_let_go() {
    let with = |data: Value| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": data});
    let both =
        applied(&applied(&json!({}), &with(json!({"a": "1", "b": "2"})), "one"), &with(json!({"a": "1"})), "two");
    let left = applied(&both, &with(json!({"b": "2"})), "one");
    assert_eq!(left["data"], json!({"a": "1", "b": "2"}));
    let gone = applied(&left, &with(json!({})), "two");
    assert_eq!(gone["data"], json!({"b": "2"}));
    let object = with(json!({"b": "9"}));
    let refused = apply(&gone, &Applied { object: &object, manager: "two", force: false, time: "" }).unwrap_err();
    assert_eq!(refused[0].to_string(), "conflict with \"one\": .data.b");
    let forced = apply(&gone, &Applied { object: &object, manager: "two", force: true, time: "" }).unwrap();
    assert_eq!(forced["metadata"]["managedFields"].as_array().unwrap().len(), 1, "one owns nothing any more");
}

#[test]
fn lists_without_names_are_replaced_whole() {
    let with = |env: Value| deployment(&json!({}), &json!([{"name": "web", "args": env["args"], "env": env["env"]}]));
    let twice = json!({"args": ["a", "b"], "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]});
    let live = applied(&json!({}), &with(twice), "wharf");
    let next = applied(&live, &with(json!({"args": ["c"], "env": [{"name": "A", "value": "3"}]})), "wharf");
    let container = &next["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container, &json!({"name": "web", "args": ["c"], "env": [{"name": "A", "value": "3"}]}));
}

/// Small objects out of names that merge in every way.
fn object() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![any::<u8>().prop_map(|n| json!(n)), Just(json!({})), Just(json!(["x"]))];
    let item = |name: &'static str| (0..3_u8).prop_map(move |n| json!({name: format!("n{n}"), "value": n}));
    let lists = (
        proptest::collection::vec(item("name"), 0..3),
        proptest::collection::vec(item("mountPath"), 0..3),
        proptest::collection::btree_map("[ab]", leaf, 0..3),
    );
    lists.prop_map(|(env, mounts, map)| {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": map.clone()},
               "spec": {"env": env, "volumeMounts": mounts, "map": map}})
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn applying_twice_changes_nothing_and_going_back_restores(first in object(), second in object()) {
        let one = applied(&json!({}), &first, "wharf");
        prop_assert_eq!(&applied(&one, &first, "wharf"), &one);
        let two = applied(&one, &second, "wharf");
        prop_assert_eq!(&applied(&two, &second, "wharf"), &two);
        prop_assert_eq!(&two["spec"]["map"], &second["spec"]["map"]);
        let names = |v: &Value| Fields::of(v);
        prop_assert_eq!(names(&two), names(&second));
    }
}
