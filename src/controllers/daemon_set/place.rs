//! Which node a DaemonSet's pod is for, and what it tolerates there.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations>

use k8s_openapi::api::apps::v1::DaemonSetSpec;
use k8s_openapi::api::core::v1::{
    Affinity, Node, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec, Toleration,
};

use crate::api::{Object, placement};

/// What Kubernetes has every pod of a DaemonSet tolerate: the condition of the node, and what it keeps out or drives off.
const TOLERATED: [(&str, &str); 6] = [
    ("not-ready", "NoExecute"),
    ("unreachable", "NoExecute"),
    ("disk-pressure", "NoSchedule"),
    ("memory-pressure", "NoSchedule"),
    ("pid-pressure", "NoSchedule"),
    ("unschedulable", "NoSchedule"),
];
const ON_HOST: (&str, &str) = ("network-unavailable", "NoSchedule");

/// Whether the node shall have a pod of this spec.
pub fn suits(node: &Node, spec: &DaemonSetSpec) -> bool {
    fits(node, spec, &["NoSchedule", "NoExecute"])
}

/// Whether the node may keep a pod of this spec that it has.
pub fn suits_still(node: &Node, spec: &DaemonSetSpec) -> bool {
    fits(node, spec, &["NoExecute"])
}

fn fits(node: &Node, spec: &DaemonSetSpec, effects: &[&str]) -> bool {
    let mut pod = spec.template.spec.clone().unwrap_or_default();
    tolerate(&mut pod);
    let elsewhere = pod.node_name.as_deref().is_some_and(|name| !name.is_empty() && name != node.name());
    !elsewhere && placement::is_selected(node, &pod) && placement::untolerated(node, &pod, effects).is_empty()
}

/// Has a pod tolerate what all pods of DaemonSets do.
pub fn tolerate(pod: &mut PodSpec) {
    let on_host = pod.host_network == Some(true);
    let all = TOLERATED.into_iter().chain(on_host.then_some(ON_HOST));
    let tolerations = pod.tolerations.get_or_insert_default();
    for (key, effect) in all {
        let toleration = Toleration {
            key: Some(format!("node.kubernetes.io/{key}")),
            operator: Some("Exists".to_owned()),
            effect: Some(effect.to_owned()),
            ..Toleration::default()
        };
        if !tolerations.contains(&toleration) {
            tolerations.push(toleration);
        }
    }
}

/// Has a pod go to this node: in each term that selects nodes, its name takes the place of other names.
pub fn pin(pod: &mut PodSpec, node: &str) {
    let name = NodeSelectorRequirement {
        key: "metadata.name".to_owned(),
        operator: "In".to_owned(),
        values: Some(vec![node.to_owned()]),
    };
    let affinity = pod.affinity.get_or_insert_with(Affinity::default);
    let affinity = affinity.node_affinity.get_or_insert_with(NodeAffinity::default);
    let required =
        affinity.required_during_scheduling_ignored_during_execution.get_or_insert_with(NodeSelector::default);
    let term = NodeSelectorTerm { match_fields: Some(vec![name]), match_expressions: None };
    required.node_selector_terms = vec![term];
}
