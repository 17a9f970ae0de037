//! What Kubernetes refuses in an EndpointSlice.

use k8s_openapi::api::discovery::v1::EndpointSlice;

use super::endpoints::ip;
use super::field::{immutable, named, one_of, port};
use super::{meta, name};
use crate::api::Problem;

/// The problems of an endpoint slice.
pub fn endpoint_slice(slice: &EndpointSlice, old: Option<&EndpointSlice>) -> Vec<Problem> {
    let mut problems = meta::meta(&slice.metadata, name::subdomain);
    let kinds = ["FQDN", "IPv4", "IPv6"];
    if slice.address_type.is_empty() {
        problems.push(Problem::required("addressType", ""));
    } else {
        problems.extend(one_of("addressType", Some(&slice.address_type), &kinds));
    }
    problems.extend(immutable("addressType", &slice.address_type, old.map(|o| &o.address_type)));
    for (i, endpoint) in slice.endpoints.iter().flatten().enumerate() {
        if endpoint.addresses.is_empty() {
            problems.push(Problem::required(format!("endpoints[{i}].addresses"), "must contain at least 1 address"));
        }
        for (j, address) in endpoint.addresses.iter().enumerate() {
            let path = format!("endpoints[{i}].addresses[{j}]");
            match slice.address_type.as_str() {
                "FQDN" => problems.extend(named(&path, address, name::subdomain)),
                _ => problems.extend(ip(&path, address)),
            }
        }
    }
    for (i, p) in slice.ports.iter().flatten().enumerate() {
        let path = format!("ports[{i}]");
        problems.extend(p.port.and_then(|n| port(&format!("{path}.port"), n)));
        problems.extend(one_of(&format!("{path}.protocol"), p.protocol.as_deref(), &["SCTP", "TCP", "UDP"]));
        let text = p.name.iter().filter(|n| !n.is_empty());
        problems.extend(text.flat_map(|n| named(&format!("{path}.name"), n, name::label)));
    }
    problems
}
