//! Whether a pod may be on the node as the labels of the pods beside it say.
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/>

use k8s_openapi::api::core::v1::{Affinity, Namespace, Node, Pod, PodAffinityTerm};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use crate::api::labels::{self, Labels};
use crate::api::{Object, View};

const AFFINITY: &str = "1 node(s) didn't match pod affinity rules";
const ANTI_AFFINITY: &str = "1 node(s) didn't match pod anti-affinity rules";
const RESIDENTS: &str = "1 node(s) didn't satisfy existing pods anti-affinity rules";

/// Why the pod can't be beside the node's other pods, in Kubernetes' words.
pub fn refusals(view: &View, node: &Node, residents: &[&Pod], pod: &Pod) -> Vec<&'static str> {
    let mut reasons = Vec::new();
    let together =
        required(pod, |a| a.pod_affinity.as_ref()?.required_during_scheduling_ignored_during_execution.as_ref());
    if !together.is_empty() {
        let all = |of: &Pod| together.iter().all(|term| names(view, pod, term, of));
        // The first of a group that wants to be together has nobody to go to.
        let company = residents.iter().any(|r| all(r)) || all(pod);
        if !(company && together.iter().all(|term| has(node, &term.topology_key))) {
            reasons.push(AFFINITY);
        }
    }
    let apart = |of, node: &Node, by: &Pod| {
        let against = |t: &&PodAffinityTerm| has(node, &t.topology_key) && names(view, by, t, of);
        anti(by).iter().any(against)
    };
    if residents.iter().any(|r| apart(r, node, pod)) {
        reasons.push(ANTI_AFFINITY);
    }
    if residents.iter().any(|r| apart(pod, node, r)) {
        reasons.push(RESIDENTS);
    }
    reasons
}

fn anti(pod: &Pod) -> Vec<&PodAffinityTerm> {
    required(pod, |a| a.pod_anti_affinity.as_ref()?.required_during_scheduling_ignored_during_execution.as_ref())
}

fn required(pod: &Pod, terms: fn(&Affinity) -> Option<&Vec<PodAffinityTerm>>) -> Vec<&PodAffinityTerm> {
    pod.spec.iter().filter_map(|s| terms(s.affinity.as_ref()?)).flatten().collect()
}

fn has(node: &Node, topology_key: &str) -> bool {
    node.label(topology_key).is_some()
}

/// Whether a term of the pod `of` means the pod `other`.
fn names(view: &View, of: &Pod, term: &PodAffinityTerm, other: &Pod) -> bool {
    let listed = term.namespaces.iter().flatten().any(|n| n == other.namespace());
    let selected = term.namespace_selector.as_ref().is_some_and(|selector| {
        let labels = view.get::<Namespace>("", other.namespace()).and_then(|n| n.metadata.labels.as_ref());
        labels::matches(selector, labels)
    });
    let unsaid = term.namespaces.as_ref().is_none_or(Vec::is_empty) && term.namespace_selector.is_none();
    let near = listed || selected || (unsaid && of.namespace() == other.namespace());
    near && term.label_selector.as_ref().is_some_and(|selector| {
        let mut selector = selector.clone();
        let own = of.metadata.labels.as_ref();
        narrow(&mut selector, own, term.match_label_keys.as_ref(), "In");
        narrow(&mut selector, own, term.mismatch_label_keys.as_ref(), "NotIn");
        labels::matches(&selector, other.metadata.labels.as_ref())
    })
}

/// Adds that the labels of these keys are those of the pod itself, or are not.
pub fn narrow(selector: &mut LabelSelector, own: Option<&Labels>, keys: Option<&Vec<String>>, operator: &str) {
    for key in keys.into_iter().flatten() {
        let Some(value) = own.and_then(|labels| labels.get(key)) else { continue };
        selector.match_expressions.get_or_insert_default().push(LabelSelectorRequirement {
            key: key.clone(),
            operator: operator.to_owned(),
            values: Some(vec![value.clone()]),
        });
    }
}
