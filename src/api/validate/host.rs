//! What Kubernetes refuses as the host of an Ingress.

use std::net::IpAddr;

use super::field::{invalid, named};
use super::name;
use crate::api::Problem;

/// A DNS name, or one below `*.`; never an address.
pub fn host(path: &str, host: &str) -> Vec<Problem> {
    if host.parse::<IpAddr>().is_ok() {
        return vec![invalid(path, host, "must be a DNS name, not an IP address")];
    }
    named(path, host, if host.contains('*') { name::wildcard } else { name::subdomain })
}
