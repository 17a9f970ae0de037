//! Selects what names depend on: Services with their EndpointSlices, and Pods that have an address.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;

use crate::api::{Object, View};

/// The label that names a slice's service.
/// <https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetesioservice-name>
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// What of a view has names.
#[derive(Clone, Debug, Default)]
pub struct Observed<'a> {
    /// The store's revision.
    pub revision: u64,
    /// The services with the slices that name them.
    pub services: Vec<(&'a Service, Vec<&'a EndpointSlice>)>,
    /// The namespaces and addresses of the pods that have not ended.
    pub pods: Vec<(&'a str, Ipv4Addr)>,
}

/// Selects.
pub fn observe(view: &View) -> Observed<'_> {
    let mut slices: BTreeMap<(&str, &str), Vec<&EndpointSlice>> = BTreeMap::new();
    for slice in view.all::<EndpointSlice>().filter(|slice| slice.address_type == "IPv4") {
        if let Some(service) = slice.label(SERVICE_NAME) {
            slices.entry((slice.namespace(), service)).or_default().push(slice);
        }
    }
    let services = view.all::<Service>().map(|service| {
        let own = slices.remove(&(service.namespace(), service.name()));
        (service, own.unwrap_or_default())
    });
    let pods = view.all::<Pod>().filter_map(|pod| Some((pod.namespace(), address(pod)?)));
    Observed { revision: view.revision, services: services.collect(), pods: pods.collect() }
}

fn address(pod: &Pod) -> Option<Ipv4Addr> {
    let status = pod.status.as_ref()?;
    let ended = matches!(status.phase.as_deref(), Some("Succeeded" | "Failed"));
    if ended { None } else { status.pod_ip.as_deref()?.parse().ok() }
}
