//! Selects what service addresses depend on: Services with an address, and their EndpointSlices.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::discovery::v1::EndpointSlice;

use crate::api::{Object, View};

/// The label that names a slice's service.
/// <https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetesioservice-name>
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// A service and the slices that name it.
#[derive(Clone, Debug)]
pub struct Observed<'a> {
    /// The service.
    pub service: &'a Service,
    /// Its slices, by name.
    pub slices: Vec<&'a EndpointSlice>,
}

/// The services of a view that are not of type ExternalName, with their slices.
pub fn observe(view: &View) -> Vec<Observed<'_>> {
    let mut slices: BTreeMap<(&str, &str), Vec<&EndpointSlice>> = BTreeMap::new();
    for slice in view.all::<EndpointSlice>() {
        if let Some(service) = slice.label(SERVICE_NAME) {
            slices.entry((slice.namespace(), service)).or_default().push(slice);
        }
    }
    let external = |s: &Service| s.spec.as_ref().and_then(|s| s.type_.as_deref()) == Some("ExternalName");
    view.all::<Service>()
        .filter(|service| !external(service))
        .map(|service| Observed {
            service,
            slices: slices.remove(&(service.namespace(), service.name())).unwrap_or_default(),
        })
        .collect()
}
