//! Writes the EndpointSlices of a Service: one for each group of equal ports.

use k8s_openapi::api::core::v1::{EndpointAddress, EndpointSubset, Service};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointConditions, EndpointPort, EndpointSlice};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::address::{Backend, Port};
use super::{HEADLESS, is_headless};
use crate::api::{Key, Object, Plan, View, names};

/// The label that names a slice's Service.
pub const SERVICE: &str = "kubernetes.io/service-name";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const CONTROLLER: &str = "endpointslice-controller.k8s.io";

/// Ports and what listens on them.
pub type Group = (Vec<EndpointPort>, Vec<Endpoint>);

/// The group of pods with the same ports.
pub fn group(ports: &[Port], backends: &[Backend]) -> Group {
    (ports.iter().map(Port::slice_port).collect(), backends.iter().map(Backend::endpoint).collect())
}

/// The group that mirrors a subset of Endpoints that people made.
pub fn mirror(subset: &EndpointSubset) -> Group {
    let port = |p: &k8s_openapi::api::core::v1::EndpointPort| EndpointPort {
        name: Some(p.name.clone().unwrap_or_default()),
        port: Some(p.port),
        protocol: p.protocol.clone().or(Some("TCP".to_owned())),
        app_protocol: p.app_protocol.clone(),
    };
    let endpoint = |ready: bool| {
        move |a: &EndpointAddress| Endpoint {
            addresses: vec![a.ip.clone()],
            conditions: Some(EndpointConditions { ready: Some(ready), serving: Some(ready), terminating: Some(false) }),
            hostname: a.hostname.clone(),
            node_name: a.node_name.clone(),
            target_ref: a.target_ref.clone(),
            ..Endpoint::default()
        }
    };
    let ready = subset.addresses.iter().flatten().map(endpoint(true));
    let endpoints = ready.chain(subset.not_ready_addresses.iter().flatten().map(endpoint(false)));
    (subset.ports.iter().flatten().map(port).collect(), endpoints.collect())
}

/// Makes the slices that wharf keeps for a Service be these groups, in order; without a Service, none.
pub fn write(view: &View, key: &Key, service: Option<&Service>, groups: Vec<Group>, plan: &mut Plan) {
    let ours = |s: &&EndpointSlice| s.label(SERVICE) == Some(&key.name) && s.label(MANAGED_BY) == Some(CONTROLLER);
    let mut left: Vec<&EndpointSlice> = view.list::<EndpointSlice>(&key.namespace).filter(ours).collect();
    for (index, group) in groups.into_iter().enumerate().filter(|_| service.is_some()) {
        let Some(service) = service else { return };
        let name = format!("{}-{}", service.name(), names::suffix(&format!("{}/{index}", service.uid()), 5));
        let old = left.iter().position(|s| s.name() == name).map(|i| left.remove(i));
        let new = slice(service, &name, old, group);
        let ready = |e: &&Endpoint| e.conditions.as_ref().and_then(|c| c.ready) == Some(true);
        let count = new.endpoints.iter().flatten().filter(ready).count();
        let why = format!("{count} ready of {}", new.endpoints.iter().flatten().count());
        match old {
            None => plan.create(&new, why),
            Some(old) if *old != new => plan.update(&new, why),
            Some(_) => {}
        }
    }
    for slice in left.iter().filter(|s| !s.is_deleting()) {
        plan.delete(*slice, "nothing is in it any more");
    }
}

fn slice(service: &Service, name: &str, old: Option<&EndpointSlice>, (ports, endpoints): Group) -> EndpointSlice {
    let mut labels = service.metadata.labels.clone().unwrap_or_default();
    labels.insert(SERVICE.to_owned(), service.name().to_owned());
    labels.insert(MANAGED_BY.to_owned(), CONTROLLER.to_owned());
    if is_headless(service) {
        labels.insert(HEADLESS.to_owned(), String::new());
    }
    EndpointSlice {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            namespace: service.metadata.namespace.clone(),
            labels: Some(labels),
            owner_references: Some(vec![service.owner_reference()]),
            ..old.map(|o| o.metadata.clone()).unwrap_or_default()
        },
        address_type: "IPv4".to_owned(),
        endpoints: Some(endpoints).filter(|e| !e.is_empty()),
        ports: Some(ports).filter(|p| !p.is_empty()),
    }
}
