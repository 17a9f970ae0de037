//! Whether a pod may be on the node as its topology spread constraints say.
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/>

use k8s_openapi::api::core::v1::{Node, Pod, TopologySpreadConstraint};

use super::affinity::narrow;
use crate::api::{Object, labels};

/// Why the pod can't be on the node, in Kubernetes' words. There is one domain of each key: no pod is ever more there
/// than elsewhere, unless a constraint wants more domains than that.
pub fn refusal(node: &Node, residents: &[&Pod], pod: &Pod) -> Option<&'static str> {
    let constraints = pod.spec.iter().flat_map(|s| s.topology_spread_constraints.iter().flatten());
    let hard: Vec<_> = constraints.filter(|c| c.when_unsatisfiable == "DoNotSchedule").collect();
    if hard.iter().any(|c| node.label(&c.topology_key).is_none()) {
        return Some("1 node(s) didn't match pod topology spread constraints (missing required label)");
    }
    let skewed = |c: &&TopologySpreadConstraint| {
        let lowest = if c.min_domains.unwrap_or(1) > 1 { 0 } else { count(c, residents, pod) };
        count(c, residents, pod) + i32::from(selects(c, pod, pod)) - lowest > c.max_skew
    };
    hard.iter().any(skewed).then_some("1 node(s) didn't match pod topology spread constraints")
}

fn count(constraint: &TopologySpreadConstraint, residents: &[&Pod], pod: &Pod) -> i32 {
    let alike = |r: &&&Pod| r.namespace() == pod.namespace() && !r.is_deleting() && selects(constraint, pod, r);
    i32::try_from(residents.iter().filter(alike).count()).unwrap_or(i32::MAX)
}

fn selects(constraint: &TopologySpreadConstraint, of: &Pod, other: &Pod) -> bool {
    constraint.label_selector.as_ref().is_some_and(|selector| {
        let mut selector = selector.clone();
        narrow(&mut selector, of.metadata.labels.as_ref(), constraint.match_label_keys.as_ref(), "In");
        labels::matches(&selector, other.metadata.labels.as_ref())
    })
}
