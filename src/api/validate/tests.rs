//! One good object a kind, one mutation a row, and the words for what is wrong with it.

mod batch;
mod config;
mod mounts;
mod network;
mod placement;
mod pods;
mod sets;
mod storage;
mod workloads;

use serde_json::{Value, json};

use crate::api::Kind;

/// A mutation: where, to what (`null` removes), and all problems, one a line.
type Row = (&'static str, Value, &'static str);

/// Checks that the object is good, and each mutation of it bad in the expected words.
fn creates(kind: &str, good: &Value, rows: &[Row]) {
    assert_eq!(problems(kind, good, None), "", "the good {kind}");
    for (pointer, value, expected) in rows {
        let bad = mutated(good, pointer, value);
        assert_eq!(problems(kind, &bad, None), *expected, "{kind} with {pointer} = {value}");
    }
}

/// Checks each mutation as an update of the object; expected words may be empty.
fn updates(kind: &str, old: &Value, rows: &[Row]) {
    let old = (row(kind).admit)(old, None).unwrap();
    for (pointer, value, expected) in rows {
        let new = mutated(&old, pointer, value);
        assert_eq!(problems(kind, &new, Some(&old)), *expected, "{kind} changed at {pointer} to {value}");
    }
}

fn row(kind: &str) -> &'static Kind {
    crate::api::KINDS.iter().find(|k| k.kind == kind).unwrap()
}

/// The problems, with the long explanations of alphabets cut.
fn problems(kind: &str, object: &Value, old: Option<&Value>) -> String {
    let problems = (row(kind).admit)(object, old).err().unwrap_or_default();
    let short = |text: String| text.split(" must consist").next().unwrap_or_default().to_owned();
    problems.iter().map(|p| short(p.to_string())).collect::<Vec<_>>().join("\n")
}

fn mutated(object: &Value, pointer: &str, value: &Value) -> Value {
    let mut object = object.clone();
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    let mut at = &mut object;
    for step in parent.split('/').skip(1) {
        at = match step.parse::<usize>() {
            Ok(index) => &mut at[index],
            Err(_) => &mut at[step],
        };
    }
    match last.parse::<usize>() {
        Ok(index) if at.as_array().is_some_and(|a| a.len() == index) => at.as_array_mut().unwrap().push(value.clone()),
        Ok(index) => at[index] = value.clone(),
        Err(_) if value.is_null() => drop(at.as_object_mut().unwrap().remove(last)),
        Err(_) => at[last.replace("~1", "/")] = value.clone(),
    }
    object
}

#[test]
fn every_object_has_a_good_name() {
    let node = json!({"metadata": {"name": "n", "labels": {}, "annotations": {}}});
    creates(
        "Node",
        &node,
        &[
            ("/metadata/name", json!(null), "metadata.name: Required value: name or generateName is required"),
            (
                "/metadata/name",
                json!("My_Node"),
                "metadata.name: Invalid value: \"My_Node\": a lowercase RFC 1123 subdomain",
            ),
            ("/metadata/name", json!("a.b-c.1"), ""),
            ("/metadata/labels/a b", json!("x"), "metadata.labels: Invalid value: \"a b\": name part"),
            (
                "/metadata/labels/a",
                json!("-x"),
                "metadata.labels: Invalid value: \"-x\": a valid label must be an empty string or consist of \
                 alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. \
                 'MyValue',  or 'my_value',  or '12345', regex used for validation is \
                 '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
            ),
            (
                "/metadata/annotations/~1x",
                json!("any: thing"),
                "metadata.annotations: Invalid value: \"/x\": prefix part must be non-empty",
            ),
            ("/metadata/annotations/Example.com~1x", json!("any: thing"), ""),
        ],
    );
    let mut long = node.clone();
    long["metadata"]["name"] = json!("n".repeat(254));
    assert!(problems("Node", &long, None).ends_with("must be no more than 253 bytes"));
    creates(
        "Namespace",
        &json!({"metadata": {"name": "shop"}}),
        &[("/metadata/name", json!("a.b"), "metadata.name: Invalid value: \"a.b\": a lowercase RFC 1123 label")],
    );
    creates(
        "ServiceAccount",
        &json!({"metadata": {"generateName": "sa-", "namespace": "default"}}),
        &[(
            "/metadata/namespace",
            json!("a.b"),
            "metadata.namespace: Invalid value: \"a.b\": a lowercase RFC 1123 label",
        )],
    );
}
