//! What pods and the node use, as `kubectl top` asks for it. Pure.
//! <https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/>

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde_json::{Value, json};

use crate::api::labels::{self, Labels};
use crate::api::object::meta;
use crate::api::usage::{Measured, Usage};

/// The group of metrics.
pub const GROUP: &str = "metrics.k8s.io";
/// Its version.
pub const VERSION: &str = "v1beta1";

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `pods`, or `nodes`.
    pub pods: bool,
    /// Only this namespace.
    pub namespace: Option<String>,
    /// Only this one.
    pub name: Option<String>,
}

/// Reads what follows the group's version in a path.
pub fn asked(rest: &[&str]) -> Option<Asked> {
    let own = |text: &str| Some(text.to_owned());
    let (pods, namespace, name) = match rest {
        ["nodes"] => (false, None, None),
        ["nodes", name] => (false, None, own(name)),
        ["pods"] => (true, None, None),
        ["namespaces", namespace, "pods"] => (true, own(namespace), None),
        ["namespaces", namespace, "pods", name] => (true, own(namespace), own(name)),
        _ => return None,
    };
    Some(Asked { pods, namespace, name })
}

/// The use of each of the objects (pods, or nodes) of which something is known; `selector` is one of labels.
pub fn items(asked: &Asked, objects: &[Value], selector: &LabelSelector, measured: &Measured) -> Vec<Value> {
    let selected = |object: &&Value| {
        let carried: Labels = serde_json::from_value(object["metadata"]["labels"].clone()).unwrap_or_default();
        asked.name.as_ref().is_none_or(|name| *name == meta(object, "name"))
            && labels::matches(selector, Some(&carried))
    };
    objects.iter().filter(selected).filter_map(|object| item(asked, object, measured)).collect()
}

fn item(asked: &Asked, object: &Value, measured: &Measured) -> Option<Value> {
    let mut metrics = json!({
        "kind": if asked.pods { "PodMetrics" } else { "NodeMetrics" }, "apiVersion": format!("{GROUP}/{VERSION}"),
        "metadata": {"name": object["metadata"]["name"], "creationTimestamp": measured.at, "labels": object["metadata"]["labels"]},
        "timestamp": measured.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "window": format!("{:.3}s", measured.window.as_secs_f64()),
    });
    if !asked.pods {
        metrics["usage"] = amounts(&measured.node);
        return Some(metrics);
    }
    let containers = measured.pods.get(meta(object, "uid"))?;
    metrics["metadata"]["namespace"] = object["metadata"]["namespace"].clone();
    let told = containers.iter().map(|(name, usage)| json!({"name": name, "usage": amounts(usage)}));
    metrics["containers"] = told.collect();
    Some(metrics)
}

fn amounts(usage: &Usage) -> Value {
    json!({"cpu": format!("{}n", usage.cpu), "memory": format!("{}Ki", usage.memory / 1024)})
}

/// `PodMetricsList`, `NodeMetricsList`.
pub fn list(asked: &Asked, items: &[Value]) -> Value {
    let kind = if asked.pods { "PodMetricsList" } else { "NodeMetricsList" };
    json!({"kind": kind, "apiVersion": format!("{GROUP}/{VERSION}"), "metadata": {}, "items": items})
}

/// The group, as discovery tells of it.
pub fn group() -> Value {
    let version = json!({"groupVersion": format!("{GROUP}/{VERSION}"), "version": VERSION});
    json!({"kind": "APIGroup", "apiVersion": "v1", "name": GROUP, "versions": [version], "preferredVersion": version})
}

/// What the group has.
pub fn resources() -> Value {
    let resource = |name: &str, kind: &str, namespaced: bool| json!({"name": name, "singularName": "", "namespaced": namespaced, "kind": kind, "verbs": ["get", "list"]});
    let all = [resource("nodes", "NodeMetrics", false), resource("pods", "PodMetrics", true)];
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": format!("{GROUP}/{VERSION}"), "resources": all})
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn pods_are_told_with_their_containers() {
        let pod = |name: &str, uid: &str| json!({"metadata": {"name": name, "namespace": "shop", "uid": uid, "labels": {"a": name}}});
        let usage = Usage { cpu: 250_000_000, memory: 3 << 20 };
        let measured = Measured {
            pods: [("u1".to_owned(), BTreeMap::from([("c".to_owned(), usage)]))].into(),
            ..Measured::default()
        };
        let asked = asked(&["namespaces", "shop", "pods"]).unwrap();
        let objects = [pod("web", "u1"), pod("new", "u2")];
        let told = |selector: &str| items(&asked, &objects, &labels::parse(selector).unwrap(), &measured);
        let found = told("");
        assert_eq!(found.len(), 1, "nothing is known of the new one");
        assert_eq!(found[0]["containers"], json!([{"name": "c", "usage": {"cpu": "250000000n", "memory": "3072Ki"}}]));
        assert_eq!(told("a=new").len(), 0);
        assert!(super::asked(&["services"]).is_none());
    }
}
