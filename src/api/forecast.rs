//! What an apply would do: to objects, and to the pods that follow from them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Pod;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::diff::{Difference, diff};
use super::{Key, Kind, Object, View};

/// What is to be tried.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Wish {
    /// The objects to apply.
    pub objects: Vec<Value>,
    /// The field manager that applies them.
    pub manager: String,
    /// The objects to delete: apiVersion, kind and metadata.
    pub pruned: Vec<Value>,
}

/// What would come of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// What would become of each object, in the order of the wish.
    pub objects: Vec<Fate>,
    /// What would become of the pods.
    pub pods: Vec<PodsFate>,
}

/// What would become of one object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fate {
    /// The object as it is; `None` where there is none.
    pub before: Option<Value>,
    /// The object as it would be; `None` where there would be none.
    pub after: Option<Value>,
    /// Why the node would refuse it.
    pub refused: Option<String>,
}

/// What would become of the pods of one workload, or of one pod without any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodsFate {
    /// The workload's kind and name: `Deployment web`; the pod's where it has none.
    pub owner: String,
    /// Their namespace.
    pub namespace: String,
    /// The names of those that go on.
    pub kept: Vec<String>,
    /// The names of those in whose place others come.
    pub replaced: Vec<String>,
    /// How many are new; their names are given later.
    pub created: usize,
    /// The names of those that go.
    pub removed: Vec<String>,
    /// The fields because of which pods are replaced.
    pub why: Vec<Difference>,
    /// What keeps new ones from running, in words.
    pub unscheduled: Option<String>,
}

/// Labels that tell revisions and pods of one workload apart, and say nothing by themselves.
const HASHES: [&str; 6] = [
    "pod-template-hash",
    "controller-revision-hash",
    "pod-template-generation",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
];
/// Fields of a pod's spec that each pod has its own of.
const OWN: [&str; 3] = ["nodeName", "hostname", "subdomain"];

/// What became of the pods between two views, by workload.
pub fn pods(before: &View, after: &View) -> Vec<PodsFate> {
    let (mut old, new) = (by_owner(before), by_owner(after));
    let owners: BTreeSet<(String, String)> = old.keys().chain(new.keys()).cloned().collect();
    let fate = |owner: (String, String)| {
        let (old, new) = (old.remove(&owner).unwrap_or_default(), new.get(&owner).cloned().unwrap_or_default());
        let is_there = |pod: &Pod, pods: &[&Pod]| pods.iter().any(|p| p.uid() == pod.uid());
        let names = |pods: &[&Pod]| pods.iter().map(|p| p.name().to_owned()).collect::<Vec<_>>();
        let (kept, mut gone): (Vec<&Pod>, Vec<&Pod>) = old.into_iter().partition(|p| is_there(p, &new));
        let come: Vec<&Pod> = new.into_iter().filter(|p| !is_there(p, &kept)).collect();
        let count = gone.len().min(come.len());
        let why = gone.first().zip(come.first()).map(|(old, new)| diff(&essence(old), &essence(new)));
        let removed = gone.split_off(count);
        let (namespace, owner) = owner;
        PodsFate {
            owner,
            namespace,
            kept: names(&kept),
            replaced: names(&gone),
            created: come.len() - count,
            removed: names(&removed),
            why: why.unwrap_or_default(),
            unscheduled: come.iter().find_map(|p| unscheduled(p)),
        }
    };
    owners.into_iter().map(fate).collect()
}

/// The pods that count, by the namespace and the name of what made them.
fn by_owner(view: &View) -> BTreeMap<(String, String), Vec<&Pod>> {
    let mut all: BTreeMap<_, Vec<&Pod>> = BTreeMap::new();
    let finished = |p: &Pod| matches!(p.status.as_ref().and_then(|s| s.phase.as_deref()), Some("Succeeded" | "Failed"));
    for pod in view.all::<Pod>().filter(|p| !p.is_deleting() && !finished(p)) {
        let owner = owner(view, pod);
        all.entry((pod.namespace().to_owned(), format!("{} {}", owner.kind.kind, owner.name))).or_default().push(pod);
    }
    all
}

/// The outermost controller above a pod, or the pod itself.
fn owner(view: &View, pod: &Pod) -> Key {
    let mut key = pod.key();
    let mut above = pod.controller().cloned();
    while let Some(owner) = above {
        let Some(kind) = Kind::find(&owner.api_version, &owner.kind) else { return key };
        key = Key::new(kind, pod.namespace(), &owner.name);
        let owners = view.metadata(&key).and_then(|m| m.owner_references.as_ref());
        above = owners.into_iter().flatten().find(|o| o.controller == Some(true)).cloned();
    }
    key
}

/// What a pod is made of, without what each pod has its own of.
fn essence(pod: &Pod) -> Value {
    let mut value = pod.to_value();
    let mut labels = value["metadata"]["labels"].take();
    if let Some(labels) = labels.as_object_mut() {
        labels.retain(|name, _| !HASHES.contains(&name.as_str()));
    }
    let annotations = value["metadata"]["annotations"].take();
    let mut spec = value["spec"].take();
    if let Some(spec) = spec.as_object_mut() {
        spec.retain(|name, _| !OWN.contains(&name.as_str()));
    }
    serde_json::json!({"metadata": {"labels": labels, "annotations": annotations}, "spec": spec})
}

fn unscheduled(pod: &Pod) -> Option<String> {
    let mut conditions = pod.status.as_ref()?.conditions.iter().flatten();
    conditions.find(|c| c.type_ == "PodScheduled" && c.status == "False")?.message.clone()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, uid: &str, owner: Option<&str>, image: &str) -> Pod {
        let mut pod = json!({
            "metadata": {"name": name, "namespace": "shop", "uid": uid, "labels": {"app": "web", HASHES[0]: image}},
            "spec": {"nodeName": uid, "containers": [{"name": "web", "image": image}]},
        });
        if let Some(owner) = owner {
            let owner =
                json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": owner, "uid": "s", "controller": true});
            pod["metadata"]["ownerReferences"] = json!([owner]);
        }
        serde_json::from_value(pod).unwrap()
    }

    #[test]
    fn pods_are_kept_replaced_created_and_removed_by_workload() {
        let before = View::of([
            pod("a1", "1", Some("a"), "web:1"),
            pod("a2", "2", Some("a"), "web:1"),
            pod("b1", "3", Some("b"), "web:1"),
            pod("b2", "4", Some("b"), "web:1"),
            pod("alone", "5", None, "web:1"),
        ]);
        let after = View::of([
            pod("a3", "6", Some("a"), "web:2"),
            pod("a4", "7", Some("a"), "web:2"),
            pod("a5", "8", Some("a"), "web:2"),
            pod("b1", "3", Some("b"), "web:1"),
        ]);
        let told = pods(&before, &after).into_iter().map(|p| {
            let why = p.why.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            format!("{}: {:?} {:?} {} {:?} {why}", p.owner, p.kept, p.replaced, p.created, p.removed)
        });
        insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r#"
        Pod alone: [] [] 0 ["alone"] 
        ReplicaSet a: [] ["a1", "a2"] 1 [] spec.containers[web].image: web:1 → web:2
        ReplicaSet b: ["b1"] [] 0 ["b2"] 
        "#);
    }
}
