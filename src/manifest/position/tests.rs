//! The places of fields in YAML as people and programs write it.

use proptest::prelude::*;
use serde_json::Value;

use super::{Position, Positions, segments};

fn at(positions: &Positions, path: &str) -> (usize, usize) {
    let Position { line, column } = positions.get(&segments(path)).unwrap();
    (line, column)
}

#[test]
fn a_field_is_found_at_its_key_and_an_item_at_its_start() {
    let text = "---\nmetadata:\n  labels: {a.b/c: x, é: y}\nspec:\n- - one\n  - two\n- name: *alias\n  port: 1\n";
    let positions = Positions::of(text, 10);
    assert_eq!(at(&positions, ""), (12, 1));
    assert_eq!(at(&positions, "metadata.labels[a.b/c]"), (13, 12));
    assert_eq!(at(&positions, "metadata.labels.é"), (13, 22));
    assert_eq!(at(&positions, "spec[0][1]"), (16, 5));
}

#[test]
fn a_field_that_is_not_there_is_found_at_what_it_would_be_in() {
    let positions = Positions::of("a:\n  - b: 1\n", 0);
    assert_eq!(at(&positions, "a[0].c.d[3]"), (2, 5));
    assert_eq!(at(&positions, "z"), (1, 1));
}

#[test]
fn aliases_are_one_place_each() {
    let positions = Positions::of("a: &x {b: 1}\nc: *x\nd: 2\n", 0);
    assert_eq!(at(&positions, "c.b"), (2, 1));
    assert_eq!(at(&positions, "d"), (3, 1));
}

fn paths(value: &Value, path: &[String], found: &mut Vec<Vec<String>>) {
    found.push(path.to_vec());
    let children: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        paths(child, &[path, &[name]].concat(), found);
    }
}

fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from), "\\PC{0,12}".prop_map(Value::from)];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z./]{1,6}", inner, 0..4).prop_map(|m| m.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn every_field_of_a_printed_document_has_a_place(document in documents()) {
        let mut wanted = Vec::new();
        paths(&document, &[], &mut wanted);
        wanted.sort();
        for text in [serde_yaml::to_string(&document).unwrap(), serde_json::to_string_pretty(&document).unwrap()] {
            let found: Vec<_> = Positions::of(&text, 0).0.into_keys().collect();
            prop_assert_eq!(&found, &wanted, "{}", text);
        }
    }
}
