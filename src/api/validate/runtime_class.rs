//! What Kubernetes refuses in a RuntimeClass.

use k8s_openapi::api::node::v1::RuntimeClass;

use super::field::{immutable, required};
use super::{meta, name, resources, toleration};
use crate::api::Problem;

/// The problems of a runtime class.
pub fn runtime_class(class: &RuntimeClass, old: Option<&RuntimeClass>) -> Vec<Problem> {
    let mut problems = meta::meta(&class.metadata, name::subdomain);
    problems.extend(required("handler", &class.handler, name::label));
    problems.extend(immutable("handler", &class.handler, old.map(|o| &o.handler)));
    let overhead = class.overhead.as_ref().and_then(|o| o.pod_fixed.as_ref());
    problems.extend(resources::amounts("overhead.podFixed", overhead));
    if let Some(scheduling) = &class.scheduling {
        problems.extend(meta::labels("scheduling.nodeSelector", scheduling.node_selector.as_ref()));
        let tolerations = scheduling.tolerations.as_deref().unwrap_or_default();
        problems.extend(toleration::tolerations("scheduling.tolerations", tolerations));
    }
    problems
}
