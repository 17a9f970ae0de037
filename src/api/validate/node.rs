//! What Kubernetes refuses in a Node.

use k8s_openapi::api::core::v1::Node;

use super::{meta, name, toleration};
use crate::api::Problem;

/// The problems of a node.
pub fn node(node: &Node, _: Option<&Node>) -> Vec<Problem> {
    let mut problems = meta::meta(&node.metadata, name::subdomain);
    let taints = node.spec.iter().flat_map(|s| s.taints.iter().flatten()).cloned().collect::<Vec<_>>();
    problems.extend(toleration::taints("spec.taints", &taints));
    problems
}
