//! The shapes of k8s-openapi's types, and what does not fit them.

use serde_json::{Value, json};

use super::Schema;
use crate::api::{KINDS, Kind};

/// The schema at a path of fields; lists and maps are entered by `*`.
fn at(kind: &str, path: &str) -> &'static Schema {
    let row = KINDS.iter().find(|k| k.kind == kind).expect("a known kind");
    path.split('.').fold((row.schema)(), |schema, part| match schema {
        Schema::Struct { fields, .. } => &fields[part],
        Schema::List(item) | Schema::Map(item) if part == "*" => item,
        other => panic!("{part} of {other:?}"),
    })
}

#[test]
fn every_kind_has_a_schema() {
    for row in KINDS {
        let Schema::Struct { name, fields } = (row.schema)() else { panic!("{row:?} is no struct") };
        assert_eq!(*name, row.kind);
        assert!(fields.contains_key("apiVersion") && fields.contains_key("metadata"), "{row:?}");
    }
}

#[test]
fn shapes_are_those_of_the_types() {
    let container = "spec.template.spec.containers.*";
    assert!(matches!(at("Deployment", container), Schema::Struct { name: "Container", .. }));
    assert_eq!(*at("Deployment", &format!("{container}.resources.limits.*")), Schema::Quantity);
    assert_eq!(*at("Deployment", &format!("{container}.livenessProbe.httpGet.port")), Schema::IntOrString);
    assert_eq!(*at("Deployment", "spec.replicas"), Schema::Integer);
    assert_eq!(*at("Secret", "data"), Schema::Map(Box::new(Schema::Bytes)));
    assert_eq!(*at("Pod", "metadata.creationTimestamp"), Schema::Time);
    assert_eq!(*at("Event", "eventTime"), Schema::Time);
    assert_eq!(*at("Pod", "spec.hostNetwork"), Schema::Boolean);
    assert_eq!(*at("Pod", "metadata.managedFields.*.fieldsV1"), Schema::Any);
}

fn mismatches(kind: &Kind, value: &Value) -> String {
    let lines = (kind.schema)().check(value).into_iter().map(|m| {
        let hint = m.hint.map(|h| format!(" ({h})")).unwrap_or_default();
        format!("{}: {}{hint}", m.path, m.message)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn all_mismatches_are_found_at_once() {
    let deployment = Kind::find("apps/v1", "Deployment").unwrap();
    let value = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web", "labels": { "a": 1 } },
        "spec": { "replicas": "2", "paused": null, "template": { "spec": {
            "contaners": [], "zzz": 1, "hostNetwork": "yes",
            "containers": [{ "name": "a", "ports": { "containerPort": 80 }, "resources": { "limits": { "cpu": "many" } } }, null],
        } } },
    });
    insta::assert_snapshot!(mismatches(deployment, &value), @r#"
    metadata.labels[a]: wrong type: want a string, found the number 1 (put it in quotes: "1")
    spec.replicas: wrong type: want a whole number, found the string "2" (write 2, without quotes)
    spec.template.spec.containers[0].ports: wrong type: want a list, found an object (begin each item with "- ")
    spec.template.spec.containers[0].resources.limits[cpu]: wrong type: want a quantity such as 500m or 64Mi, found the string "many"
    spec.template.spec.containers[1]: wrong type: want an object, found nothing
    spec.template.spec.contaners: unknown field (did you mean "containers"?)
    spec.template.spec.hostNetwork: wrong type: want true or false, found the string "yes" (write true)
    spec.template.spec.zzz: unknown field
    "#);
}

#[test]
fn a_secrets_value_is_not_repeated() {
    let secret = Kind::find("v1", "Secret").unwrap();
    let value = json!({ "data": { "password": "hunter2!" }, "stringData": { "pin": 1234 } });
    let found = mismatches(secret, &value);
    assert!(found.contains("data[password]") && !found.contains("hunter2"), "{found}");
    assert!(!found.contains("1234"), "{found}");
}
