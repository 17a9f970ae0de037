//! A container's description in the words of the Docker API. <https://docs.docker.com/reference/api/engine/>

use std::collections::{BTreeMap, HashMap};

use bollard::models::{
    ContainerCreateBody, ContainerUpdateBody, EndpointIpamConfig, EndpointSettings, HostConfig, HostConfigLogConfig,
    Mount as DockerMount, MountBindOptions, MountType, NetworkingConfig, PortBinding, PortMap, RestartPolicy,
    RestartPolicyNameEnum,
};

use crate::api::names::NODE_LABEL;
use crate::kubelet::runtime::{ContainerSpec, Limits, Mount, Network, Port, Share, Source};

/// What a node adds to every description.
pub(super) struct Surroundings<'a> {
    /// The node's name, which is its network's too.
    pub node: &'a str,
    /// The host's address for ports that name none; empty for all.
    pub bind: &'a str,
    /// Where the state volume is on the Docker host.
    pub state: &'a str,
    /// Where the volumes are of which only a path is mounted, by their names.
    pub volumes: &'a BTreeMap<String, String>,
}

/// The period of processor limits in microseconds, Kubernetes' own.
pub(super) const CPU_PERIOD: i64 = 100_000;

/// The body of a create request.
pub(super) fn body(spec: &ContainerSpec, node: &Surroundings<'_>) -> ContainerCreateBody {
    let mut labels: HashMap<_, _> = spec.labels.clone().into_iter().collect();
    labels.insert(NODE_LABEL.to_owned(), node.node.to_owned());
    ContainerCreateBody {
        image: Some(spec.image.clone()),
        entrypoint: spec.entrypoint.clone(),
        cmd: spec.args.clone(),
        env: Some(spec.env.iter().map(|(name, value)| format!("{name}={value}")).collect()),
        labels: Some(labels),
        working_dir: spec.working_dir.clone(),
        user: spec.user.clone(),
        hostname: spec.hostname.clone(),
        domainname: spec.domain.clone(),
        exposed_ports: full(spec.ports.iter().map(exposed).collect()),
        stop_signal: spec.stop_signal.clone(),
        open_stdin: Some(spec.stdin),
        stdin_once: Some(spec.stdin_once),
        tty: Some(spec.tty),
        networking_config: endpoint(&spec.network, node.node),
        host_config: Some(host_config(spec, node)),
        ..Default::default()
    }
}

fn host_config(spec: &ContainerSpec, node: &Surroundings<'_>) -> HostConfig {
    let (resources, security) = (&spec.resources, &spec.security);
    HostConfig {
        network_mode: Some(network_mode(&spec.network, node.node)),
        port_bindings: (!spec.ports.is_empty()).then(|| bindings(&spec.ports, node.bind)),
        mounts: full(spec.mounts.iter().filter_map(|m| mount(m, node)).collect()),
        binds: full(spec.mounts.iter().filter_map(bind).collect()),
        dns: full(spec.dns.servers.clone()),
        dns_search: full(spec.dns.search.clone()),
        dns_options: full(spec.dns.options.clone()),
        extra_hosts: full(spec.hosts.iter().flat_map(|(address, names)| extra_hosts(address, names)).collect()),
        cpu_shares: resources.limits.cpu_shares,
        // Not NanoCpus: Docker refuses a limit above what the host has, which Kubernetes allows.
        cpu_period: resources.limits.nano_cpus.map(|_| CPU_PERIOD),
        cpu_quota: resources.limits.nano_cpus.map(quota),
        memory: resources.limits.memory,
        // The same as the memory: no swap, as in Kubernetes.
        memory_swap: resources.limits.memory,
        oom_score_adj: resources.oom_score_adj,
        privileged: Some(security.privileged),
        cap_add: full(security.cap_add.clone()),
        cap_drop: full(security.cap_drop.clone()),
        readonly_rootfs: Some(security.read_only_root),
        security_opt: full(security.options.clone()),
        group_add: full(spec.groups.iter().map(ToString::to_string).collect()),
        sysctls: (!spec.sysctls.is_empty()).then(|| spec.sysctls.clone().into_iter().collect()),
        ipc_mode: Some(ipc_mode(spec)),
        pid_mode: joined(&spec.pid),
        runtime: spec.runtime.clone(),
        // Given and empty: nothing of Docker's own lists.
        masked_paths: security.unmasked.then(Vec::new),
        readonly_paths: security.unmasked.then(Vec::new),
        init: Some(false),
        log_config: Some(log_config()),
        // The agent starts what must run, in order: Docker's own restarts lose containers that join a sandbox.
        restart_policy: Some(RestartPolicy { name: Some(RestartPolicyNameEnum::NO), maximum_retry_count: None }),
        ..Default::default()
    }
}

/// The body of a request that changes limits. What has none keeps what it had: limits can't be taken away.
pub(super) fn update(limits: &Limits) -> ContainerUpdateBody {
    ContainerUpdateBody {
        cpu_shares: limits.cpu_shares,
        cpu_period: limits.nano_cpus.map(|_| CPU_PERIOD),
        cpu_quota: limits.nano_cpus.map(quota),
        memory: limits.memory,
        memory_swap: limits.memory,
        ..Default::default()
    }
}

/// Billionths of a core as microseconds of a period.
fn quota(nano: i64) -> i64 {
    (nano / (1_000_000_000 / CPU_PERIOD)).max(1000)
}

/// Docker's rotated log files, whatever the daemon's default is: `logs` can be read from these, and they stay small.
pub(super) fn log_config() -> HostConfigLogConfig {
    let config = [("max-size", "10m"), ("max-file", "3")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    HostConfigLogConfig { typ: Some("json-file".to_owned()), config: Some(config.into()) }
}

/// The endpoint with a fixed address in the node's network.
fn endpoint(network: &Network, node: &str) -> Option<NetworkingConfig> {
    let Network::Node(address) = network else { return None };
    let ipam = EndpointIpamConfig { ipv4_address: Some(address.to_string()), ..Default::default() };
    let settings = EndpointSettings { ipam_config: Some(ipam), ..Default::default() };
    Some(NetworkingConfig { endpoints_config: Some([(node.to_owned(), settings)].into()) })
}

fn network_mode(network: &Network, node: &str) -> String {
    match network {
        Network::None => "none".to_owned(),
        Network::Node(_) => node.to_owned(),
        Network::Of(id) => format!("container:{id}"),
        Network::Host => "host".to_owned(),
    }
}

/// Another's namespace, or the host's.
fn joined(share: &Share) -> Option<String> {
    match share {
        Share::Own => None,
        Share::Of(id) => Some(format!("container:{id}")),
        Share::Host => Some("host".to_owned()),
    }
}

/// Who joins another container's network joins a sandbox; who does not may be one.
fn ipc_mode(spec: &ContainerSpec) -> String {
    let own = if matches!(spec.network, Network::Of(_)) { "private" } else { "shareable" };
    joined(&spec.ipc).unwrap_or_else(|| own.to_owned())
}

fn exposed(port: &Port) -> String {
    format!("{}/{}", port.container, port.protocol)
}

fn bindings(ports: &[Port], bind: &str) -> PortMap {
    let mut map = PortMap::new();
    for port in ports {
        let address = if port.host_ip.is_empty() { bind } else { &port.host_ip };
        let binding = PortBinding { host_ip: Some(address.to_owned()), host_port: Some(port.host.to_string()) };
        map.entry(exposed(port)).or_default().get_or_insert_default().push(binding);
    }
    map
}

fn extra_hosts(address: &str, names: &str) -> Vec<String> {
    names.split_whitespace().map(|name| format!("{name}:{address}")).collect()
}

/// Mounts and not `Binds`: those make an empty directory where the source is missing.
fn mount(mount: &Mount, node: &Surroundings<'_>) -> Option<DockerMount> {
    let (typ, source) = match &mount.source {
        Source::Host(path) => (MountType::BIND, path.clone()),
        Source::HostDirectory(_) => return None,
        Source::State(path) => (MountType::BIND, format!("{}/{path}", node.state)),
        Source::Volume(name) => (MountType::VOLUME, name.clone()),
        Source::VolumePath(name, path) => (MountType::BIND, format!("{}/{path}", node.volumes.get(name)?)),
    };
    let propagation = mount.propagation.as_ref().and_then(|p| p.parse().ok());
    Some(DockerMount {
        typ: Some(typ),
        source: Some(source),
        target: Some(mount.target.clone()),
        read_only: Some(mount.read_only),
        bind_options: propagation.map(|p| MountBindOptions { propagation: Some(p), ..Default::default() }),
        ..Default::default()
    })
}

/// The form that makes a missing directory, for the one source that wants it.
fn bind(mount: &Mount) -> Option<String> {
    let Source::HostDirectory(path) = &mount.source else { return None };
    let mode = if mount.read_only { "ro" } else { "rw" };
    let propagation = mount.propagation.as_ref().map(|p| format!(",{p}")).unwrap_or_default();
    Some(format!("{path}:{}:{mode}{propagation}", mount.target))
}

/// The list, if it has anything: an empty one means something else to Docker in places.
fn full<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

#[cfg(test)]
mod tests;
