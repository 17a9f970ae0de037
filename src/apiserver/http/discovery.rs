//! Discovery: which groups, versions and kinds the server has. Pure.
//! <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::usage;
use crate::api::{KINDS, Kind};

/// The version of Kubernetes whose types are served.
const KUBERNETES: (&str, &str) = ("1", "36");

/// The server's version, in Kubernetes' form, with the node's name beside it.
pub fn version(node: &str) -> Value {
    let (major, minor) = KUBERNETES;
    let wharf = env!("CARGO_PKG_VERSION");
    json!({
        "major": major, "minor": minor, "gitVersion": format!("v{major}.{minor}.0+wharf-{wharf}"),
        "platform": format!("linux/{}", std::env::consts::ARCH), "node": node, "wharf": wharf,
    })
}

/// All groups but the core one.
pub fn groups() -> Value {
    let names: BTreeSet<&str> = KINDS.iter().map(|k| k.group).collect();
    let groups: Vec<_> = names.into_iter().filter_map(group).chain([usage::group()]).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// One group.
pub fn group(name: &str) -> Option<Value> {
    if name == usage::GROUP {
        return Some(usage::group());
    }
    let kind = KINDS.iter().find(|k| k.group == name && !name.is_empty())?;
    let version = json!({"groupVersion": kind.api_version(), "version": kind.version});
    Some(json!({
        "kind": "APIGroup", "apiVersion": "v1", "name": name, "versions": [version], "preferredVersion": version,
    }))
}

/// The kinds of a group's version, with their subresources.
pub fn resources(group: &str, version: &str) -> Option<Value> {
    if (group, version) == (usage::GROUP, usage::VERSION) {
        return Some(usage::resources());
    }
    let kinds: Vec<_> = KINDS.iter().filter(|k| k.group == group && k.version == version).collect();
    let api_version = kinds.first()?.api_version();
    let resources: Vec<_> = kinds.into_iter().flat_map(entries).collect();
    Some(json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version, "resources": resources}))
}

fn entries(kind: &Kind) -> Vec<Value> {
    let mut entries = vec![json!({
        "name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced, "kind": kind.kind,
        "shortNames": kind.short,
        "verbs": ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
    })];
    let mut part = |name: &str, kind_of_part: &str, verbs: &[&str]| {
        entries.push(json!({
            "name": format!("{}/{name}", kind.plural), "singularName": "", "namespaced": kind.namespaced,
            "kind": kind_of_part, "verbs": verbs,
        }));
    };
    if kind.status {
        part("status", kind.kind, &["get", "patch", "update"]);
    }
    if kind.scale {
        part("scale", "Scale", &["get", "patch", "update"]);
    }
    match kind.kind {
        "Namespace" => part("finalize", kind.kind, &["update"]),
        "ServiceAccount" => part("token", "TokenRequest", &["create"]),
        "Pod" => {
            part("log", kind.kind, &["get"]);
            part("exec", "PodExecOptions", &["create", "get"]);
            part("attach", "PodAttachOptions", &["create", "get"]);
            part("ephemeralcontainers", kind.kind, &["get", "patch", "update"]);
            part("resize", kind.kind, &["get", "patch", "update"]);
            entries.push(json!({
                "name": "pods/eviction", "singularName": "", "namespaced": true, "group": "policy", "version": "v1",
                "kind": "Eviction", "verbs": ["create"],
            }));
        }
        _ => {}
    }
    entries
}
