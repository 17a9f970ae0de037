//! What Kubernetes refuses in Endpoints.

use std::net::IpAddr;

use k8s_openapi::api::core::v1::Endpoints;

use super::field::{invalid, named, one_of, port};
use super::{meta, name};
use crate::api::Problem;

/// The problems of endpoints.
pub fn endpoints(endpoints: &Endpoints, _: Option<&Endpoints>) -> Vec<Problem> {
    let mut problems = meta::meta(&endpoints.metadata, name::subdomain);
    for (i, subset) in endpoints.subsets.iter().flatten().enumerate() {
        let path = format!("subsets[{i}]");
        for (field, list) in [("addresses", &subset.addresses), ("notReadyAddresses", &subset.not_ready_addresses)] {
            for (j, address) in list.iter().flatten().enumerate() {
                problems.extend(ip(&format!("{path}.{field}[{j}].ip"), &address.ip));
            }
        }
        for (j, p) in subset.ports.iter().flatten().enumerate() {
            let path = format!("{path}.ports[{j}]");
            problems.extend(port(&format!("{path}.port"), p.port));
            problems.extend(one_of(&format!("{path}.protocol"), p.protocol.as_deref(), &["SCTP", "TCP", "UDP"]));
            let text = p.name.iter().filter(|n| !n.is_empty());
            problems.extend(text.flat_map(|n| named(&format!("{path}.name"), n, name::label)));
        }
    }
    problems
}

/// An address of an endpoint, v4 or v6.
pub fn ip(path: &str, text: &str) -> Option<Problem> {
    let message = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
    text.parse::<IpAddr>().is_err().then(|| invalid(path, text, message))
}
