//! Whether a node suits a pod: its name, labels and taints, against what the pod selects and tolerates.
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/>

use k8s_openapi::api::core::v1::{
    Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec, Taint, Toleration,
};

use super::{Object, labels};

/// The taint of a node that takes no new pods.
pub const CLOSED: &str = "node.kubernetes.io/unschedulable";

/// The field of a node that terms can match.
const NAME: &str = "metadata.name";

/// Whether the node is one that the pod selects, by its labels and its name.
#[must_use]
pub fn is_selected(node: &Node, spec: &PodSpec) -> bool {
    let selector = spec.node_selector.as_ref();
    let required = spec.affinity.as_ref().and_then(|a| a.node_affinity.as_ref());
    let required = required.and_then(|n| n.required_during_scheduling_ignored_during_execution.as_ref());
    selector.is_none_or(|pairs| labels::has_all(node.metadata.labels.as_ref(), pairs))
        && required.is_none_or(|selector| is_one_of(node, selector))
}

/// Whether one of the terms matches.
fn is_one_of(node: &Node, selector: &NodeSelector) -> bool {
    let is_met = |term: &NodeSelectorTerm| {
        let (labelled, named) = (term.match_expressions.as_ref(), term.match_fields.as_ref());
        let some = labelled.is_some_and(|l| !l.is_empty()) || named.is_some_and(|f| !f.is_empty());
        let label = |r: &NodeSelectorRequirement| node.label(&r.key);
        let field = |r: &NodeSelectorRequirement| Some(node.name()).filter(|_| r.key == NAME);
        some && labelled.into_iter().flatten().all(|r| is_fulfilled(r, label(r)))
            && named.into_iter().flatten().all(|r| is_fulfilled(r, field(r)))
    };
    selector.node_selector_terms.iter().any(is_met)
}

/// Whether a value is as a requirement wants it.
fn is_fulfilled(requirement: &NodeSelectorRequirement, value: Option<&str>) -> bool {
    let values = || requirement.values.iter().flatten();
    let listed = || value.is_some_and(|v| values().any(|x| x == v));
    let numbers = || Some((value?.parse::<i64>().ok()?, values().next()?.parse::<i64>().ok()?));
    match requirement.operator.as_str() {
        "In" => listed(),
        "NotIn" => !listed(),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" => numbers().is_some_and(|(own, bound)| own > bound),
        "Lt" => numbers().is_some_and(|(own, bound)| own < bound),
        _ => false,
    }
}

/// The taints of the node, of these effects, that the pod does not tolerate. A node that takes no new pods has the taint
/// that Kubernetes gives it.
#[must_use]
pub fn untolerated(node: &Node, spec: &PodSpec, effects: &[&str]) -> Vec<Taint> {
    let own = node.spec.as_ref();
    let closed = own.and_then(|s| s.unschedulable) == Some(true);
    let closed = closed.then(|| Taint { key: CLOSED.to_owned(), effect: "NoSchedule".to_owned(), ..Taint::default() });
    let taints = own.and_then(|s| s.taints.clone()).unwrap_or_default();
    let tolerations = spec.tolerations.as_deref().unwrap_or_default();
    let counts = |t: &Taint| effects.contains(&t.effect.as_str()) && !tolerations.iter().any(|x| tolerates(x, t));
    taints.into_iter().chain(closed).filter(counts).collect()
}

/// Whether a toleration is one of this taint.
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
#[must_use]
pub fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let empty = |text: &Option<String>| text.as_ref().is_none_or(String::is_empty);
    let exists = toleration.operator.as_deref() == Some("Exists");
    let key = (empty(&toleration.key) && exists) || toleration.key.as_ref() == Some(&taint.key);
    let (wanted, found) = (toleration.value.as_deref().unwrap_or_default(), taint.value.as_deref().unwrap_or_default());
    let number = |text: &str| text.parse::<i64>().ok();
    let compared = |holds: fn(i64, i64) -> bool| number(found).zip(number(wanted)).is_some_and(|(a, b)| holds(a, b));
    let value = match toleration.operator.as_deref() {
        Some("Exists") => true,
        Some("Gt") => compared(|found, wanted| found > wanted),
        Some("Lt") => compared(|found, wanted| found < wanted),
        _ => wanted == found,
    };
    key && value && (empty(&toleration.effect) || toleration.effect.as_ref() == Some(&taint.effect))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn node() -> Node {
        let node = json!({
            "metadata": {"name": "wharf", "labels": {"disk": "ssd", "cores": "8"}},
            "spec": {"unschedulable": true, "taints": [
                {"key": "team", "value": "red", "effect": "NoExecute"},
                {"key": "soft", "effect": "PreferNoSchedule"},
            ]},
        });
        serde_json::from_value(node).unwrap()
    }

    fn selects(terms: &Value) -> bool {
        let spec = json!({"containers": [], "affinity": {"nodeAffinity":
            {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}});
        is_selected(&node(), &serde_json::from_value(spec).unwrap())
    }

    #[test]
    fn one_term_is_enough_and_all_of_it_must_match() {
        let is =
            |key: &str, operator: &str, values: &[&str]| json!({"key": key, "operator": operator, "values": values});
        let ssd = is("disk", "In", &["ssd", "nvme"]);
        assert!(selects(&json!([{"matchExpressions": [ssd, is("cores", "Gt", &["4"])]}])));
        assert!(!selects(&json!([{"matchExpressions": [ssd, is("cores", "Lt", &["8"])]}])));
        assert!(selects(&json!([{"matchExpressions": [is("gpu", "Exists", &[])]}, {"matchExpressions": [ssd]}])));
        assert!(selects(&json!([{"matchFields": [is("metadata.name", "In", &["wharf"])]}])));
        assert!(!selects(&json!([{"matchFields": [is("metadata.name", "In", &["other"])]}])));
        assert!(!selects(&json!([{}])), "an empty term matches nothing");
        let by_label =
            |value: &str| serde_json::from_value(json!({"containers": [], "nodeSelector": {"disk": value}})).unwrap();
        assert!(is_selected(&node(), &by_label("ssd")) && !is_selected(&node(), &by_label("tape")));
    }

    #[test]
    fn taints_want_tolerations_of_their_key_value_and_effect() {
        let first = |tolerations: Value, effects: &[&str]| {
            let spec = serde_json::from_value(json!({"containers": [], "tolerations": tolerations})).unwrap();
            untolerated(&node(), &spec, effects).first().map(|t| t.key.clone())
        };
        let hard = ["NoSchedule", "NoExecute"];
        assert_eq!(first(json!([]), &hard).as_deref(), Some("team"));
        assert_eq!(first(json!([]), &["NoSchedule"]).as_deref(), Some("node.kubernetes.io/unschedulable"));
        let red = json!({"key": "team", "value": "red"});
        assert_eq!(first(json!([red]), &["NoExecute"]), None);
        assert_eq!(first(json!([{"key": "team", "value": "blue"}]), &["NoExecute"]).as_deref(), Some("team"));
        assert_eq!(first(json!([{"operator": "Exists"}]), &hard), None, "it tolerates everything");
    }
}
