//! What Kubernetes refuses in a pod's names and its resolver's settings.
//! <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/>

use std::net::IpAddr;

use k8s_openapi::api::core::v1::PodSpec;

use super::field::{invalid, named};
use super::name;
use crate::api::Problem;

const ADDRESS: &str = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
/// What a resolver reads: <https://man7.org/linux/man-pages/man5/resolv.conf.5.html>.
const SERVERS: usize = 3;
const SEARCHES: usize = 32;

/// Host names, aliases of `/etc/hosts` and the resolver's settings of a pod or a template.
pub fn names(path: &str, spec: &PodSpec) -> Vec<Problem> {
    let at = |field: &str| format!("{path}.{field}");
    let mut problems = Vec::new();
    for (field, value) in [("hostname", &spec.hostname), ("subdomain", &spec.subdomain)] {
        problems.extend(value.iter().filter(|v| !v.is_empty()).flat_map(|v| named(&at(field), v, name::label)));
    }
    for (i, alias) in spec.host_aliases.iter().flatten().enumerate() {
        let path = format!("{}[{i}]", at("hostAliases"));
        problems.extend(address(&format!("{path}.ip"), &alias.ip));
        for (j, hostname) in alias.hostnames.iter().flatten().enumerate() {
            problems.extend(named(&format!("{path}.hostnames[{j}]"), hostname, name::subdomain));
        }
    }
    problems.extend(hostname_override(path, spec));
    problems.extend(resolver(path, spec));
    problems
}

fn hostname_override(path: &str, spec: &PodSpec) -> Vec<Problem> {
    let Some(name) = spec.hostname_override.as_deref().filter(|n| !n.is_empty()) else { return Vec::new() };
    let path = format!("{path}.hostnameOverride");
    let mut problems = named(&path, name, name::subdomain);
    if name.len() > 64 {
        problems.push(invalid(&path, name, "must be no more than 64 characters"));
    }
    if spec.host_network == Some(true) {
        problems.push(Problem::forbidden(&path, "may not be specified when hostNetwork is true"));
    }
    if spec.set_hostname_as_fqdn == Some(true) {
        problems.push(Problem::forbidden(&path, "may not be specified when setHostnameAsFQDN is true"));
    }
    problems
}

fn resolver(path: &str, spec: &PodSpec) -> Vec<Problem> {
    let Some(config) = &spec.dns_config else { return Vec::new() };
    let at = |field: &str| format!("{path}.dnsConfig.{field}");
    let mut problems = Vec::new();
    let servers = config.nameservers.as_deref().unwrap_or_default();
    if servers.len() > SERVERS {
        let message = format!("must not have more than {SERVERS} nameservers");
        problems.push(Problem::invalid(at("nameservers"), message));
    }
    for (i, server) in servers.iter().enumerate() {
        problems.extend(address(&format!("{}[{i}]", at("nameservers")), server));
    }
    let searches = config.searches.as_deref().unwrap_or_default();
    if searches.len() > SEARCHES {
        problems.push(Problem::invalid(at("searches"), format!("must not have more than {SEARCHES} search paths")));
    }
    for (i, search) in searches.iter().enumerate().filter(|(_, s)| *s != ".") {
        let bare = search.strip_suffix('.').unwrap_or(search).replace('_', "-");
        problems.extend(named(&format!("{}[{i}]", at("searches")), &bare, name::subdomain));
    }
    for (i, option) in config.options.iter().flatten().enumerate() {
        if option.name.as_ref().is_none_or(String::is_empty) {
            problems.push(Problem::required(format!("{}[{i}]", at("options")), "must not be empty"));
        }
    }
    problems
}

fn address(path: &str, text: &str) -> Option<Problem> {
    text.parse::<IpAddr>().is_err().then(|| invalid(path, text, ADDRESS))
}
