//! What Kubernetes refuses in an IngressClass.

use k8s_openapi::api::networking::v1::IngressClass;

use super::field::{immutable, required};
use super::{meta, name};
use crate::api::Problem;

/// The problems of an ingress class.
pub fn ingress_class(class: &IngressClass, old: Option<&IngressClass>) -> Vec<Problem> {
    let mut problems = meta::meta(&class.metadata, name::subdomain);
    let controller = |c: &IngressClass| c.spec.as_ref().and_then(|s| s.controller.clone()).unwrap_or_default();
    let now = controller(class);
    problems.extend(required("spec.controller", &now.to_ascii_lowercase(), |text| {
        // A path such as `k8s.io/ingress-nginx`, of which the first part is a domain.
        text.split_once('/').map_or_else(
            || vec!["must be a domain-prefixed path (such as \"acme.io/foo\")".to_owned()],
            |(domain, _)| name::subdomain(domain),
        )
    }));
    problems.extend(immutable("spec.controller", &now, old.map(controller).as_ref()));
    problems
}
