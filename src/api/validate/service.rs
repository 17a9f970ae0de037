//! What Kubernetes refuses in a Service.

use std::net::IpAddr;

use k8s_openapi::api::core::v1::{Service, ServiceSpec};

use super::field::{invalid, named, one_of};
use super::{meta, name, service_port};
use crate::api::Problem;

/// The problems of a service.
pub fn service(service: &Service, old: Option<&Service>) -> Vec<Problem> {
    let mut problems = meta::meta(&service.metadata, name::label_1035);
    let Some(spec) = &service.spec else {
        problems.push(Problem::required("spec", ""));
        return problems;
    };
    let kind = spec.type_.as_deref().unwrap_or_default();
    let kinds = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    problems.extend(one_of("spec.type", spec.type_.as_deref(), &kinds));
    problems.extend(one_of("spec.sessionAffinity", spec.session_affinity.as_deref(), &["ClientIP", "None"]));
    let policies = ["Cluster", "Local"];
    problems.extend(one_of("spec.externalTrafficPolicy", spec.external_traffic_policy.as_deref(), &policies));
    problems.extend(one_of("spec.internalTrafficPolicy", spec.internal_traffic_policy.as_deref(), &policies));
    problems.extend(meta::labels("spec.selector", spec.selector.as_ref()));
    problems.extend(service_port::ports(spec));
    if kind == "ExternalName" {
        problems.extend(external_name(spec));
    } else {
        problems.extend(address(spec, kind));
    }
    problems.extend(old.and_then(|o| o.spec.as_ref()).and_then(|old| address_change(spec, old)));
    problems
}

fn external_name(spec: &ServiceSpec) -> Vec<Problem> {
    let mut problems = Vec::new();
    if spec.cluster_ip.as_deref().is_some_and(|a| !a.is_empty()) {
        problems.push(Problem::forbidden("spec.clusterIPs", "may not be set for ExternalName services"));
    }
    match spec.external_name.as_deref().map(|n| n.trim_end_matches('.')) {
        None | Some("") => problems.push(Problem::required("spec.externalName", "")),
        Some(name) => problems.extend(named("spec.externalName", name, name::subdomain)),
    }
    problems
}

fn address(spec: &ServiceSpec, kind: &str) -> Vec<Problem> {
    match spec.cluster_ip.as_deref() {
        None | Some("") => Vec::new(),
        Some("None") if kind == "ClusterIP" => Vec::new(),
        Some("None") => {
            vec![invalid("spec.clusterIPs[0]", "None", &format!("may not be set to 'None' for {kind} services"))]
        }
        Some(text) => match text.parse::<IpAddr>() {
            Ok(IpAddr::V4(_)) => Vec::new(),
            Ok(IpAddr::V6(_)) => vec![invalid("spec.clusterIPs[0]", text, "must be an IPv4 address")],
            Err(_) => vec![invalid(
                "spec.clusterIPs[0]",
                text,
                "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
            )],
        },
    }
}

/// An address lasts as long as the Service; only one that becomes an ExternalName, or was one, may lose or get it.
fn address_change(new: &ServiceSpec, old: &ServiceSpec) -> Option<Problem> {
    let external = |spec: &ServiceSpec| spec.type_.as_deref() == Some("ExternalName");
    let (before, after) = (old.cluster_ip.as_deref()?, new.cluster_ip.as_deref()?);
    if external(new) || external(old) || before.is_empty() || after.is_empty() || before == after {
        return None;
    }
    Some(Problem::invalid("spec.clusterIPs[0]", format!("[{after:?}]: may not change once set")))
}
