//! What a strategic merge patch changes, and what it leaves.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::api::patch::strategic;

fn patched(object: &Value, patch: &Value) -> Value {
    strategic(object, patch).unwrap()
}

fn containers(list: &Value) -> Value {
    json!({"spec": {"containers": list}})
}

#[test]
fn lists_merge_by_the_keys_of_their_items() {
    let object = containers(&json!([{"name": "a", "image": "a:1", "args": ["x"]}, {"name": "b", "image": "b:1"}]));
    let patch = containers(
        &json!([{"name": "b", "image": "b:2"}, {"name": "c", "image": "c:1"}, {"name": "a", "args": ["y"]}]),
    );
    let wanted = json!([
        {"name": "a", "image": "a:1", "args": ["y"]}, {"name": "b", "image": "b:2"}, {"name": "c", "image": "c:1"},
    ]);
    assert_eq!(patched(&object, &patch), containers(&wanted));
    let ports = |list: Value| json!({"spec": {"ports": list}});
    let service = ports(json!([{"port": 80, "name": "http", "nodePort": 30080}]));
    let patched = patched(&service, &ports(json!([{"port": 80, "targetPort": 8080}, {"port": 443}])));
    assert_eq!(
        patched,
        ports(json!([{"port": 80, "name": "http", "nodePort": 30080, "targetPort": 8080}, {"port": 443}]))
    );
}

#[test]
fn directives_delete_replace_and_retain() {
    let object = containers(&json!([{"name": "a", "env": [{"name": "K", "value": "1"}]}, {"name": "b"}]));
    let delete = containers(&json!([{"name": "a", "$patch": "delete"}]));
    assert_eq!(patched(&object, &delete), containers(&json!([{"name": "b"}])));
    let replace = containers(&json!([{"$patch": "replace"}, {"name": "c"}]));
    assert_eq!(patched(&object, &replace), containers(&json!([{"name": "c"}])));
    let inner =
        containers(&json!([{"name": "a", "env": [{"name": "K", "$patch": "delete"}, {"name": "L", "value": "2"}]}]));
    assert_eq!(
        patched(&object, &inner),
        containers(&json!([{"name": "a", "env": [{"name": "L", "value": "2"}]}, {"name": "b"}]))
    );
    let strategy = json!({"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}});
    let recreate = json!({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}});
    assert_eq!(patched(&strategy, &recreate), json!({"spec": {"strategy": {"type": "Recreate"}}}));
    let whole = json!({"spec": {"strategy": {"$patch": "replace", "type": "Recreate"}}});
    assert_eq!(patched(&strategy, &whole), json!({"spec": {"strategy": {"type": "Recreate"}}}));
    assert_eq!(
        patched(&strategy, &json!({"spec": {"strategy": {"$patch": "delete"}}})),
        json!({"spec": {"strategy": {}}})
    );
    let finalizers = |list: Value| json!({"metadata": {"finalizers": list}});
    let both = patched(&finalizers(json!(["a", "b"])), &finalizers(json!(["b", "c"])));
    assert_eq!(both, finalizers(json!(["a", "b", "c"])));
    let fewer = json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}});
    assert_eq!(patched(&both, &fewer), finalizers(json!(["b", "c"])));
}

#[test]
fn the_order_is_the_patchs_and_the_servers_own_items_keep_their_place() {
    let named = |names: &str| names.chars().map(|n| json!({"name": n.to_string()})).collect::<Vec<_>>();
    let order = |object: &str, order: &str, patch: &str| {
        let mut patch = containers(&json!(named(patch)));
        patch["spec"]["$setElementOrder/containers"] = json!(named(order));
        let merged = patched(&containers(&json!(named(object))), &patch);
        let items = merged["spec"]["containers"].as_array().unwrap().clone();
        items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<String>()
    };
    assert_eq!(order("ab", "ba", ""), "ba");
    assert_eq!(order("abc", "ca", ""), "bca", "the server's own stands where both orders allow");
    assert_eq!(order("ab", "abc", "c"), "abc");
    assert_eq!(order("sab", "ba", ""), "sba");
}

#[test]
fn nulls_delete_and_lists_without_keys_are_replaced() {
    let object = json!({"metadata": {"labels": {"a": "1", "b": "2"}}, "spec": {"args": ["a", "b"], "tolerations": [{"key": "x"}]}});
    let patch = json!({"metadata": {"labels": {"a": null}}, "spec": {"args": ["c"], "tolerations": [{"key": "y"}]}});
    let wanted = json!({"metadata": {"labels": {"b": "2"}}, "spec": {"args": ["c"], "tolerations": [{"key": "y"}]}});
    assert_eq!(patched(&object, &patch), wanted);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let object = containers(&json!([{"name": "a"}]));
    let told = |patch: &Value| strategic(&object, patch).unwrap_err();
    assert!(told(&containers(&json!([{"image": "x"}]))).contains("does not contain declared merge key: name"));
    assert!(told(&json!({"spec": {"$patch": "explode"}})).contains("unknown patch type"));
    assert!(told(&json!({"spec": {"$retainKeys": ["a"], "b": 1}})).contains("\"b\""));
    assert!(told(&json!([])).contains("is an object"));
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u8>().prop_map(Value::from),
        "[ab]".prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let name = prop_oneof![
            Just("spec"),
            Just("containers"),
            Just("name"),
            Just("ports"),
            Just("port"),
            Just("finalizers"),
            Just("$patch"),
            Just("$retainKeys"),
            Just("$setElementOrder/containers"),
            Just("$deleteFromPrimitiveList/finalizers"),
        ];
        let names = name.prop_map(str::to_owned);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(names, inner, 0..4).prop_map(|m| m.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_patch_makes_it_panic_or_leaves_a_directive(object in anything(), patch in anything()) {
        if let Ok(merged) = strategic(&json!({"spec": 1}), &json!({"metadata": patch.clone()})) {
            prop_assert!(!merged.to_string().contains("$patch"));
        }
        let _ = strategic(&object, &patch);
    }

    #[test]
    fn an_empty_patch_changes_nothing(object in anything()) {
        if object.is_object() {
            prop_assert_eq!(strategic(&object, &json!({})).unwrap(), object);
        }
    }
}
