//! Endpoints: which pods stand behind a Service, by address, port and readiness.
//! <https://kubernetes.io/docs/concepts/services-networking/service/#endpointslices>

mod address;
mod slices;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EndpointPort, EndpointSubset, Endpoints, Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use self::address::Backend;
use super::pod;
use crate::api::{Key, Kind, Object, Plan, Timestamp, View, labels};

/// The label that names the controller of Endpoints, and that hand-made ones don't have.
const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
const CONTROLLER: &str = "endpoint-controller";
/// What a headless Service has on its endpoints.
const HEADLESS: &str = "service.kubernetes.io/headless";

/// The Services that a changed key concerns: that of the name, or every one that selects pods, as the pod may have been
/// behind it before.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    let kind = Kind::of::<Service>();
    if changed.kind == Kind::of::<Pod>() {
        let selecting = |s: &&Service| selector(s).is_some();
        return view.list::<Service>(&changed.namespace).filter(selecting).map(Object::key).collect();
    }
    if changed.kind == Kind::of::<EndpointSlice>() {
        let slice = view.get::<EndpointSlice>(&changed.namespace, &changed.name);
        let named = slice.and_then(|s| s.label(slices::SERVICE)).map(|name| Key::new(kind, &changed.namespace, name));
        // A slice that is gone may have been anyone's.
        return match (slice, named) {
            (None, _) => view.list::<Service>(&changed.namespace).map(Object::key).collect(),
            (_, named) => named.into_iter().collect(),
        };
    }
    vec![Key::new(kind, &changed.namespace, &changed.name)]
}

/// What a Service's Endpoints and slices need next.
pub fn plan(view: &View, key: &Key, _: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let service = view.get::<Service>(&key.namespace, &key.name);
    let endpoints = view.get::<Endpoints>(&key.namespace, &key.name);
    let ours = endpoints.filter(|e| e.label(MANAGED_BY) == Some(CONTROLLER));
    let Some(service) = service.filter(|s| !is_external(s)) else {
        if let Some(ours) = ours {
            plan.delete(ours, "its Service is gone");
        }
        slices::write(view, key, None, Vec::new(), &mut plan);
        return plan;
    };
    if selector(service).is_none() {
        // Endpoints that people made; without any, slices that people made stay as they are.
        let subsets = endpoints.and_then(|e| e.subsets.clone()).unwrap_or_default();
        let groups = subsets.iter().map(slices::mirror).collect();
        slices::write(view, key, Some(service), groups, &mut plan);
        return plan;
    }
    let groups = address::groups(view, service);
    write_endpoints(service, endpoints, &groups, &mut plan);
    let groups = if groups.is_empty() { BTreeMap::from([(Vec::new(), Vec::new())]) } else { groups };
    let groups = groups.iter().map(|(ports, backends)| slices::group(ports, backends)).collect();
    slices::write(view, key, Some(service), groups, &mut plan);
    plan
}

/// Makes the Endpoints say what the groups say. Pods on their way out are in slices only.
fn write_endpoints(service: &Service, old: Option<&Endpoints>, groups: &address::Groups, plan: &mut Plan) {
    let subset = |(ports, backends): (&Vec<address::Port>, &Vec<Backend>)| {
        let addresses = |ready: bool| {
            let some = backends.iter().filter(|b| b.ready == ready && (b.ready || !b.terminating));
            Some(some.map(Backend::address).collect::<Vec<_>>()).filter(|a| !a.is_empty())
        };
        let ports: Vec<EndpointPort> = ports.iter().map(address::Port::endpoint_port).collect();
        EndpointSubset { addresses: addresses(true), not_ready_addresses: addresses(false), ports: Some(ports) }
    };
    let subsets = groups.iter().map(subset).filter(|s| s.addresses.is_some() || s.not_ready_addresses.is_some());
    let subsets = Some(subsets.collect::<Vec<_>>()).filter(|s| !s.is_empty());
    let mut all = service.metadata.labels.clone().unwrap_or_default();
    all.insert(MANAGED_BY.to_owned(), CONTROLLER.to_owned());
    if is_headless(service) {
        all.insert(HEADLESS.to_owned(), String::new());
    }
    let mut new = old.cloned().unwrap_or_else(|| Endpoints {
        metadata: ObjectMeta {
            name: service.metadata.name.clone(),
            namespace: service.metadata.namespace.clone(),
            ..ObjectMeta::default()
        },
        subsets: None,
    });
    new.metadata.labels = Some(all);
    new.subsets = subsets;
    let count = |test: fn(&Backend) -> bool| groups.values().flatten().filter(|b| test(b)).count();
    let why = format!("{} of {} pods ready", count(|b| b.ready), count(|_| true));
    match old {
        None => plan.create(&new, why),
        Some(old) if *old != new => plan.update(&new, why),
        Some(_) => {}
    }
}

/// The selector of a Service that has one.
fn selector(service: &Service) -> Option<&labels::Labels> {
    service.spec.as_ref()?.selector.as_ref().filter(|s| !s.is_empty())
}

/// Whether it is only another name for something else.
fn is_external(service: &Service) -> bool {
    service.spec.as_ref().and_then(|s| s.type_.as_deref()) == Some("ExternalName")
}

/// Whether it has no address of its own.
fn is_headless(service: &Service) -> bool {
    service.spec.as_ref().and_then(|s| s.cluster_ip.as_deref()) == Some("None")
}
