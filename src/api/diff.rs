//! What differs between two objects, field by field. Pure.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::patch::item_names;

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The field: `spec.template.spec.containers[web].image`.
    pub path: String,
    /// Its old value; `None` where it was not there.
    pub old: Option<Value>,
    /// Its new value; `None` where it is not there any more.
    pub new: Option<Value>,
}

/// `spec.replicas: 2 → 3`.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |value: &Option<Value>| value.as_ref().map_or_else(|| "<none>".to_owned(), plain);
        write!(f, "{}: {} → {}", self.path, side(&self.old), side(&self.new))
    }
}

/// A value on one line; a string without quotes where that can't be misread.
pub fn plain(value: &Value) -> String {
    let bare =
        |text: &str| !text.is_empty() && text.parse::<f64>().is_err() && !["true", "false", "null"].contains(&text);
    match value {
        Value::String(text) if bare(text) && !text.contains('\n') => text.clone(),
        other => other.to_string(),
    }
}

/// Every field that differs, in the order of the fields' names. Items of lists that have names are compared by name, and
/// those of other lists by place.
pub fn diff(old: &Value, new: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", "", "", Some(old), Some(new), &mut found);
    found
}

fn compare(
    path: &str,
    parent: &str,
    field: &str,
    old: Option<&Value>,
    new: Option<&Value>,
    found: &mut Vec<Difference>,
) {
    if old == new {
        return;
    }
    match (old, new) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => objects(path, field, old, new, found),
        // What is there for the first time, or not any more, is told by its fields.
        (None, Some(Value::Object(new))) if !new.is_empty() => objects(path, field, &Map::new(), new, found),
        (Some(Value::Object(old)), None) if !old.is_empty() => objects(path, field, old, &Map::new(), found),
        (Some(Value::Array(old)), Some(Value::Array(new))) => lists(path, parent, field, (old, new), found),
        _ => found.push(Difference { path: path.to_owned(), old: old.cloned(), new: new.cloned() }),
    }
}

fn objects(path: &str, field: &str, old: &Map<String, Value>, new: &Map<String, Value>, found: &mut Vec<Difference>) {
    let mut names: Vec<&String> = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))).collect();
    names.sort();
    for name in names {
        let inner =
            if name.contains(['.', '/']) { format!("{path}[{name}]") } else { super::schema::field(path, name) };
        compare(&inner, field, name, old.get(name), new.get(name), found);
    }
}

fn lists(path: &str, parent: &str, field: &str, (old, new): (&[Value], &[Value]), found: &mut Vec<Difference>) {
    let whole = |found: &mut Vec<Difference>| {
        let side = |list: &[Value]| Some(Value::Array(list.to_vec()));
        found.push(Difference { path: path.to_owned(), old: side(old), new: side(new) });
    };
    let (Some(old_names), Some(new_names)) = (item_names(parent, field, old), item_names(parent, field, new)) else {
        if old.len() != new.len() {
            return whole(found);
        }
        for (index, (old, new)) in old.iter().zip(new).enumerate() {
            compare(&format!("{path}[{index}]"), field, "", Some(old), Some(new), found);
        }
        return;
    };
    let before = found.len();
    for (name, item) in old_names.iter().zip(old) {
        let now = new_names.iter().position(|n| n == name).map(|at| &new[at]);
        compare(&format!("{path}[{}]", label(name)), parent, field, Some(item), now, found);
    }
    for (name, item) in new_names.iter().zip(new).filter(|(name, _)| !old_names.contains(name)) {
        compare(&format!("{path}[{}]", label(name)), parent, field, None, Some(item), found);
    }
    if found.len() == before {
        whole(found); // only their order differs
    }
}

/// What an item of a list is called: the values of the fields that name it.
fn label(name: &str) -> String {
    let keys = name.strip_prefix("k:").and_then(|keys| serde_json::from_str::<Map<String, Value>>(keys).ok());
    let Some(keys) = keys else { return name.trim_start_matches("v:").trim_matches('"').to_owned() };
    keys.values().map(plain).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(old: &Value, new: &Value) -> String {
        diff(old, new).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn fields_items_by_name_and_items_by_place() {
        let old = json!({
            "metadata": {"labels": {"app": "web", "a.b/c": "1"}},
            "spec": {"replicas": 2, "gone": {"x": true}, "containers": [
                {"name": "web", "image": "nginx:1.26", "args": ["-a", "-b"], "ports": [{"containerPort": 80, "protocol": "TCP"}]},
                {"name": "side", "image": "busybox"},
            ]},
        });
        let new = json!({
            "metadata": {"labels": {"app": "web", "a.b/c": "two"}},
            "spec": {"replicas": 3, "containers": [
                {"name": "new", "image": "redis"},
                {"name": "web", "image": "nginx:1.27", "args": ["-a", "-c"], "env": [{"name": "A", "value": "1"}],
                 "ports": [{"containerPort": 81, "protocol": "TCP"}]},
            ]},
        });
        insta::assert_snapshot!(told(&old, &new), @r#"
        metadata.labels[a.b/c]: "1" → two
        spec.containers[web].args[1]: -b → -c
        spec.containers[web].env: <none> → [{"name":"A","value":"1"}]
        spec.containers[web].image: nginx:1.26 → nginx:1.27
        spec.containers[web].ports[80/TCP].containerPort: 80 → <none>
        spec.containers[web].ports[80/TCP].protocol: TCP → <none>
        spec.containers[web].ports[81/TCP].containerPort: <none> → 81
        spec.containers[web].ports[81/TCP].protocol: <none> → TCP
        spec.containers[side].image: busybox → <none>
        spec.containers[side].name: side → <none>
        spec.containers[new].image: <none> → redis
        spec.containers[new].name: <none> → new
        spec.gone.x: true → <none>
        spec.replicas: 2 → 3
        "#);
    }

    #[test]
    fn what_is_the_same_has_no_differences_and_an_order_that_changed_has_one() {
        let old = json!({"spec": {"containers": [{"name": "a"}, {"name": "b"}]}});
        let new = json!({"spec": {"containers": [{"name": "b"}, {"name": "a"}]}});
        assert_eq!(told(&old, &old), "");
        assert_eq!(told(&old, &new), r#"spec.containers: [{"name":"a"},{"name":"b"}] → [{"name":"b"},{"name":"a"}]"#);
    }
}
