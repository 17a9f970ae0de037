//! Translates a pod to its sandbox: the container that holds its network, host name, resolver and published ports.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{Pod, PodSpec, SELinuxOptions};

use super::policy::{app_containers, init_containers};
use super::runtime::{ContainerSpec, Dns, Limits, Mount, Network, Port, Resources, Security, Share};
use super::security;
use crate::api::Object;
use crate::api::names::{self, CLUSTER_DOMAIN, NODE_LABEL, container as label};

/// What a sandbox takes from the node.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The node's name.
    pub node: &'a str,
    /// wharf's own image.
    pub image: &'a str,
    /// The node's DNS server.
    pub dns: Ipv4Addr,
}

/// The sandbox of a pod at `address`; `mounts` are the volumes that are filled from inside it.
#[must_use]
pub fn sandbox(pod: &Pod, place: Place, address: Ipv4Addr, mounts: Vec<Mount>) -> ContainerSpec {
    let spec = pod.spec.clone().unwrap_or_default();
    let on_host = spec.host_network == Some(true);
    let dns = dns(pod, &spec, place.dns);
    let (hostname, domain) = hostname(pod, &spec);
    let full = (spec.set_hostname_as_fqdn == Some(true)).then_some(domain.as_ref()).flatten();
    let full = full.map(|domain| format!("{hostname}.{domain}"));
    let aliases = hosts(&spec);
    ContainerSpec {
        name: names::container_name(place.node, pod.namespace(), pod.name(), "", 0),
        image: place.image.to_owned(),
        args: Some(pause(&spec, &dns, if on_host { &aliases } else { &[] })),
        labels: labels(pod, place.node),
        mounts,
        network: if on_host { Network::Host } else { Network::Node(address) },
        hosts: if on_host { Vec::new() } else { aliases },
        // The engine writes the full name into `/etc/hosts` from either form.
        domain: domain.filter(|_| !on_host && full.is_none()),
        hostname: (!on_host).then(|| full.unwrap_or(hostname)),
        ports: if on_host { Vec::new() } else { ports(pod) },
        // What the engine knows of itself stays where the pod wants the host's resolver.
        dns: if keeps_resolver(&spec) { Dns::default() } else { dns },
        ipc: if spec.host_ipc == Some(true) { Share::Host } else { Share::Own },
        resources: Resources { limits: Limits { cpu_shares: Some(2), ..Limits::default() }, oom_score_adj: Some(0) },
        // What is to be done in volumes comes by its standard input.
        stdin: true,
        // Who is in a group may let directories hand it on, which would take another capability otherwise.
        groups: spec.security_context.as_ref().and_then(|c| c.fs_group).into_iter().collect(),
        // It writes files that belong to anyone, and nothing more.
        security: Security {
            cap_drop: vec!["ALL".to_owned()],
            cap_add: ["CHOWN", "DAC_OVERRIDE", "FOWNER"].map(str::to_owned).to_vec(),
            options: [vec!["no-new-privileges".to_owned()], security::labels(selinux(&spec))].concat(),
            ..Security::default()
        },
        sysctls: sysctls(&spec),
        ..ContainerSpec::default()
    }
}

/// The labels that every container of a pod carries.
#[must_use]
pub fn labels(pod: &Pod, node: &str) -> BTreeMap<String, String> {
    let pairs =
        [(NODE_LABEL, node), (label::NAMESPACE, pod.namespace()), (label::POD, pod.name()), (label::UID, pod.uid())];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// The resolver's settings. <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy>
fn dns(pod: &Pod, spec: &PodSpec, server: Ipv4Addr) -> Dns {
    let on_host = spec.host_network == Some(true);
    let cluster = match spec.dns_policy.as_deref() {
        Some("None" | "Default") => false,
        Some("ClusterFirstWithHostNet") => true,
        _ => !on_host,
    };
    let mut dns = Dns::default();
    if cluster {
        let zone = |prefix: &str| format!("{prefix}{CLUSTER_DOMAIN}");
        dns.servers.push(server.to_string());
        dns.search = vec![zone(&format!("{}.svc.", pod.namespace())), zone("svc."), zone("")];
        dns.options.push("ndots:5".to_owned());
    }
    let config = spec.dns_config.clone().unwrap_or_default();
    dns.servers.extend(config.nameservers.unwrap_or_default());
    dns.search.extend(config.searches.unwrap_or_default());
    for option in config.options.unwrap_or_default() {
        let name = option.name.unwrap_or_default();
        // The pod's own value of an option replaces the policy's.
        dns.options.retain(|o| o.split(':').next() != Some(&name));
        dns.options.push(option.value.map_or(name.clone(), |value| format!("{name}:{value}")));
    }
    dns
}

/// The host name, and the domain that it is in, if it is in any.
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-hostname/>
pub(super) fn hostname(pod: &Pod, spec: &PodSpec) -> (String, Option<String>) {
    let given = |name: &Option<String>| name.clone().filter(|n| !n.is_empty());
    if let Some(name) = given(&spec.hostname_override) {
        return (name, None);
    }
    let name = given(&spec.hostname).unwrap_or_else(|| pod.name().to_owned());
    let name = name.chars().take(63).collect::<String>().trim_end_matches(['-', '.']).to_owned();
    let domain = |subdomain| format!("{subdomain}.{}.svc.{CLUSTER_DOMAIN}", pod.namespace());
    (name, given(&spec.subdomain).map(domain))
}

/// Whether the pod's own resolver settings only add to the host's.
fn keeps_resolver(spec: &PodSpec) -> bool {
    let on_host = spec.host_network == Some(true);
    match spec.dns_policy.as_deref() {
        Some("None" | "ClusterFirstWithHostNet") => false,
        Some("Default") => true,
        _ => on_host,
    }
}

/// The pause program's arguments: it writes the resolver's settings, which Docker would replace by its own server, and
/// the entries of `/etc/hosts` that Docker would put in the place of the host's.
fn pause(spec: &PodSpec, dns: &Dns, aliases: &[(String, String)]) -> Vec<String> {
    let flag = |flag: &str, values: &[String]| -> Vec<String> {
        values.iter().flat_map(|v| [flag.to_owned(), v.clone()]).collect()
    };
    let aliases: Vec<_> = aliases.iter().map(|(address, names)| format!("{address} {names}")).collect();
    let keep = if keeps_resolver(spec) && *dns != Dns::default() { vec!["--keep".to_owned()] } else { Vec::new() };
    let flags = [
        keep,
        flag("--nameserver", &dns.servers),
        flag("--search", &dns.search),
        flag("--option", &dns.options),
        flag("--alias", &aliases),
    ];
    std::iter::once("pause".to_owned()).chain(flags.concat()).collect()
}

/// Further entries of `/etc/hosts`, which all containers of the pod share.
fn hosts(spec: &PodSpec) -> Vec<(String, String)> {
    let aliases = spec.host_aliases.iter().flatten();
    aliases.flat_map(|a| a.hostnames.iter().flatten().map(|name| (a.ip.clone(), name.clone()))).collect()
}

fn selinux(spec: &PodSpec) -> Option<&SELinuxOptions> {
    spec.security_context.as_ref()?.se_linux_options.as_ref()
}

fn ports(pod: &Pod) -> Vec<Port> {
    let declared = init_containers(pod).iter().chain(app_containers(pod)).flat_map(|c| c.ports.iter().flatten());
    let port = |p: &k8s_openapi::api::core::v1::ContainerPort| {
        Some(Port {
            host_ip: p.host_ip.clone().unwrap_or_default(),
            host: u16::try_from(p.host_port.filter(|n| *n > 0)?).ok()?,
            container: u16::try_from(p.container_port).ok()?,
            protocol: p.protocol.as_deref().unwrap_or("TCP").to_lowercase(),
        })
    };
    declared.filter_map(port).collect()
}

/// Kernel parameters by their names with dots, whichever way they are written.
pub(super) fn sysctls(spec: &PodSpec) -> BTreeMap<String, String> {
    let declared = spec.security_context.as_ref().and_then(|s| s.sysctls.as_ref());
    declared.into_iter().flatten().map(|s| (s.name.replace('/', "."), s.value.clone())).collect()
}

#[cfg(test)]
mod tests;
