//! What Kubernetes refuses in a Node.

use k8s_openapi::api::core::v1::Node;

use super::{meta, name};
use crate::api::Problem;

/// The problems of a node.
pub fn node(node: &Node, _: Option<&Node>) -> Vec<Problem> {
    meta::meta(&node.metadata, name::subdomain)
}
