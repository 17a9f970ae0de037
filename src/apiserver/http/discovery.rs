//! Discovery: which groups, versions and kinds the server has. Pure.
//! <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::review::REVIEWS;
use super::usage;
use crate::api::{KINDS, Kind};

/// The version of Kubernetes whose types are served.
const KUBERNETES: (&str, &str) = ("1", "36");

/// The kinds of subresources that are in a group of their own: kind, group, version.
const FOREIGN: [(&str, &str, &str); 2] =
    [("Scale", "autoscaling", "v1"), ("TokenRequest", "authentication.k8s.io", "v1")];

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
    let names: BTreeSet<&str> = KINDS.iter().map(|k| k.group).chain(REVIEWS.iter().map(|r| r.1)).collect();
    let groups: Vec<_> = names.into_iter().filter_map(group).chain([usage::group()]).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// One group.
pub fn group(name: &str) -> Option<Value> {
    if name == usage::GROUP {
        return Some(usage::group());
    }
    let versions: BTreeSet<&str> = versions().filter(|(group, _)| *group == name).map(|(_, version)| version).collect();
    let version = |v: &&str| json!({"groupVersion": format!("{name}/{v}"), "version": v});
    let versions: Vec<_> = versions.iter().filter(|_| !name.is_empty()).map(version).collect();
    let preferred = versions.last()?.clone();
    Some(json!({
        "kind": "APIGroup", "apiVersion": "v1", "name": name, "versions": versions, "preferredVersion": preferred,
    }))
}

/// Every version of every group, those of reviews too.
fn versions() -> impl Iterator<Item = (&'static str, &'static str)> {
    KINDS.iter().map(|k| (k.group, k.version)).chain(REVIEWS.iter().map(|r| (r.1, "v1")))
}

/// The kinds of a group's version, with their subresources.
pub fn resources(group: &str, version: &str) -> Option<Value> {
    if (group, version) == (usage::GROUP, usage::VERSION) {
        return Some(usage::resources());
    }
    let kinds = KINDS.iter().filter(|k| k.group == group && k.version == version).flat_map(entries);
    let reviews = REVIEWS.iter().filter(|r| r.1 == group && version == "v1").map(|(_, _, plural, kind, namespaced)| {
        let singular = kind.to_ascii_lowercase();
        json!({"name": plural, "singularName": singular, "namespaced": namespaced, "kind": kind, "verbs": ["create"]})
    });
    let resources: Vec<_> = kinds.chain(reviews).collect();
    let group_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    let list = json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources,
    });
    (!resources.is_empty()).then_some(list)
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
        let foreign = FOREIGN.iter().find(|(kind, ..)| *kind == kind_of_part).zip(entries.last_mut());
        if let Some(((_, group, version), entry)) = foreign {
            entry["group"] = (*group).into();
            entry["version"] = (*version).into();
        }
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
            entries.push(json!({
                "name": "pods/eviction", "singularName": "", "namespaced": true, "group": "policy", "version": "v1",
                "kind": "Eviction", "verbs": ["create"],
            }));
        }
        _ => {}
    }
    entries
}
