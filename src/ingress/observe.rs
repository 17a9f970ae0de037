//! Which Ingresses are ours.

use k8s_openapi::api::networking::v1::{Ingress, IngressClass};

use crate::api::names::INGRESS_CLASS;
use crate::api::{Object, View};

/// The annotation that named the class before `ingressClassName` did.
const CLASS: &str = "kubernetes.io/ingress.class";
const DEFAULT_CLASS: &str = "ingressclass.kubernetes.io/is-default-class";

/// The Ingresses of our class, the oldest first: where two want the same, the older one has it.
pub fn ingresses(view: &View) -> Vec<&Ingress> {
    let class = view.get::<IngressClass>("", INGRESS_CLASS);
    let default = class.and_then(|c| c.annotation(DEFAULT_CLASS)) == Some("true");
    let ours = |i: &&Ingress| {
        let class = i.spec.as_ref().and_then(|s| s.ingress_class_name.as_deref()).or_else(|| i.annotation(CLASS));
        !i.is_deleting() && class.map_or(default, |c| c == INGRESS_CLASS)
    };
    let mut all: Vec<_> = view.all::<Ingress>().filter(ours).collect();
    all.sort_by_key(|i| i.metadata.creation_timestamp.clone());
    all
}
