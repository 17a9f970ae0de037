//! Histories in order, and the patches that lead back.

use k8s_openapi::api::apps::v1::{ControllerRevision, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::{Value, json};

use super::{Refusal, data, history, rollback, template};
use crate::api::{Key, Kind, Object, View};

fn of_image(image: &str) -> Value {
    json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": image}]}})
}

fn typed<T: Object>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn set(revision: &str, image: &str, cause: Option<&str>) -> ReplicaSet {
    let mut template = of_image(image);
    template["metadata"]["labels"]["pod-template-hash"] = json!("x");
    typed(json!({
        "metadata": {
            "name": format!("web-{revision}"), "namespace": "shop",
            "annotations": {"deployment.kubernetes.io/revision": revision, "kubernetes.io/change-cause": cause.unwrap_or_default()},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "d", "controller": true}],
        },
        "spec": {"selector": {}, "template": template},
    }))
}

fn deployment(image: &str, paused: bool) -> Deployment {
    typed(json!({
        "metadata": {"name": "web", "namespace": "shop", "uid": "d",
            "annotations": {"deployment.kubernetes.io/revision": "10", "kubernetes.io/change-cause": "third"}},
        "spec": {"selector": {}, "paused": paused, "template": of_image(image)},
    }))
}

fn view(paused: bool) -> (View, Key) {
    let mut view = View::of([deployment("nginx:3", paused)]);
    view.extend([set("10", "nginx:3", Some("third")), set("9", "nginx:2", Some("second")), set("2", "nginx:1", None)]);
    (view, Key::new(Kind::of::<Deployment>(), "shop", "web"))
}

#[test]
fn a_deployments_history_is_in_the_order_of_numbers() {
    let (view, key) = view(false);
    let told = history(&view, &key).into_iter().map(|r| (r.number, r.cause.unwrap_or_default())).collect::<Vec<_>>();
    assert_eq!(told, [(2, String::new()), (9, "second".to_owned()), (10, "third".to_owned())]);
}

#[test]
fn a_deployment_goes_back_with_its_annotations() {
    let (view, key) = view(false);
    let back = rollback(&view, &key, None).unwrap();
    assert_eq!(back.number, 9);
    assert_eq!(back.patch[0]["value"], of_image("nginx:2"), "without the hash label");
    let annotations = json!({"deployment.kubernetes.io/revision": "10", "kubernetes.io/change-cause": "second"});
    assert_eq!(back.patch[1]["value"], annotations);
    let mut object = view.value(&key).unwrap();
    json_patch::patch(&mut object, &serde_json::from_value::<json_patch::Patch>(back.patch).unwrap()).unwrap();
    assert_eq!(object["spec"]["template"], of_image("nginx:2"));
    assert_eq!(rollback(&view, &key, Some(2)).unwrap().number, 2);
}

#[test]
fn what_does_not_go_back_says_why() {
    let (full, key) = view(false);
    assert_eq!(rollback(&full, &key, Some(7)), Err(Refusal::Unknown(7)));
    assert_eq!(rollback(&full, &key, Some(10)), Err(Refusal::Same(10)));
    assert_eq!(rollback(&view(true).0, &key, None), Err(Refusal::Paused));
    let mut young = View::of([deployment("nginx:3", false)]);
    assert_eq!(rollback(&young, &key, None), Err(Refusal::NoHistory(key.clone())));
    young.extend([set("1", "nginx:3", None)]);
    assert_eq!(rollback(&young, &key, None), Err(Refusal::NoLast));
}

#[test]
fn the_history_of_a_stateful_set_is_in_its_controller_revisions() {
    let template_of = |image: &str| serde_json::from_value::<PodTemplateSpec>(of_image(image)).unwrap();
    let held = |number: i64, image: &str| {
        typed::<ControllerRevision>(json!({
            "metadata": {
                "name": format!("db-{number}"), "namespace": "shop",
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "uid": "s", "controller": true}],
            },
            "revision": number, "data": data(&template_of(image)),
        }))
    };
    assert_eq!(template(&data(&template_of("postgres:16"))), Some(template_of("postgres:16")));
    let set: StatefulSet = typed(json!({
        "metadata": {"name": "db", "namespace": "shop", "uid": "s"}, "spec": {"selector": {}, "template": of_image("postgres:16")},
    }));
    let key = set.key();
    let mut view = View::of([set]);
    view.extend([held(1, "postgres:15"), held(2, "postgres:16")]);
    let back = rollback(&view, &key, None).unwrap();
    assert_eq!(
        (back.number, back.patch),
        (1, json!([{"op": "replace", "path": "/spec/template", "value": of_image("postgres:15")}]))
    );
}
