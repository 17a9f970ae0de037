//! What the kinds that make pods by a selector have in common.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/>

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::{PodTemplateSpec, ReplicationController};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::labels::{self, Labels};
use super::{KINDS, Key, View};

/// What a workload selects, and what its own pods carry.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// The workload.
    pub key: Key,
    /// Which pods it takes for its own.
    pub selector: LabelSelector,
    /// The labels of the pods that it makes.
    pub labels: Labels,
}

impl Workload {
    /// The workload of this key; `None` where it is not there, or of a kind that has no selector.
    #[must_use]
    pub fn of(view: &View, key: &Key) -> Option<Self> {
        let (namespace, name) = (&key.namespace, &key.name);
        let (selector, template) = match key.kind.kind {
            "Deployment" => {
                let spec = view.get::<Deployment>(namespace, name)?.spec.as_ref()?;
                (spec.selector.clone(), Some(&spec.template))
            }
            "ReplicaSet" => {
                let spec = view.get::<ReplicaSet>(namespace, name)?.spec.as_ref()?;
                (spec.selector.clone(), spec.template.as_ref())
            }
            "StatefulSet" => {
                let spec = view.get::<StatefulSet>(namespace, name)?.spec.as_ref()?;
                (spec.selector.clone(), Some(&spec.template))
            }
            "DaemonSet" => {
                let spec = view.get::<DaemonSet>(namespace, name)?.spec.as_ref()?;
                (spec.selector.clone(), Some(&spec.template))
            }
            "ReplicationController" => {
                let spec = view.get::<ReplicationController>(namespace, name)?.spec.as_ref()?;
                let carried = || spec.template.as_ref()?.metadata.as_ref()?.labels.clone();
                let match_labels = spec.selector.clone().or_else(carried);
                (LabelSelector { match_labels, match_expressions: None }, spec.template.as_ref())
            }
            _ => return None,
        };
        let carried = |t: &PodTemplateSpec| t.metadata.as_ref()?.labels.clone();
        Some(Self { key: key.clone(), selector, labels: template.and_then(carried).unwrap_or_default() })
    }

    /// The workloads of a view that no other one controls.
    #[must_use]
    pub fn all(view: &View) -> Vec<Self> {
        let free = |key: &Key| {
            let owners = view.metadata(key).and_then(|m| m.owner_references.as_ref());
            !owners.is_some_and(|all| all.iter().any(|o| o.controller == Some(true)))
        };
        let keys = KINDS.iter().flat_map(|kind| view.keys(kind)).filter(free);
        keys.filter_map(|key| Self::of(view, &key)).collect()
    }

    /// Whether one of the two selects the other's pods.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let empty = LabelSelector::default();
        let selects = |a: &Self, b: &Self| a.selector != empty && labels::matches(&a.selector, Some(&b.labels));
        self.key != other.key
            && self.key.namespace == other.key.namespace
            && (selects(self, other) || selects(other, self))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::api::Kind;

    fn view(objects: &[(&str, &str, Value, Value)]) -> View {
        let mut view = View::default();
        for (word, name, selector, labels) in objects {
            let kind = Kind::by_word(word).unwrap();
            let spec = json!({"selector": selector, "template": {"metadata": {"labels": labels}}});
            let object = json!({"metadata": {"name": name, "namespace": "shop"}, "spec": spec});
            view.insert(Key::of(kind, &object), (kind.decode)(&object).unwrap());
        }
        view
    }

    #[test]
    fn workloads_overlap_where_one_selects_the_others_pods() {
        let by = |value: Value| json!({"matchLabels": value});
        let view = view(&[
            ("deploy", "web", by(json!({"app": "web"})), json!({"app": "web", "tier": "front"})),
            ("sts", "db", by(json!({"app": "db"})), json!({"app": "db"})),
            ("ds", "all", by(json!({"tier": "front"})), json!({"tier": "front"})),
            ("rc", "old", json!({"app": "db"}), json!({"app": "db"})),
        ]);
        let all = Workload::all(&view);
        let pairs =
            all.iter().flat_map(|a| all.iter().map(move |b| (a, b))).filter(|(a, b)| a.key < b.key && a.overlaps(b));
        let names: Vec<_> = pairs.map(|(a, b)| format!("{} {}", a.key.name, b.key.name)).collect();
        assert_eq!(names, ["old db", "all web"]);
    }
}
