//! What the node container is made of.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use bollard::models::{
    ContainerCreateBody, EndpointIpamConfig, EndpointSettings, HostConfig, Mount, MountType, NetworkingConfig,
    RestartPolicy, RestartPolicyNameEnum,
};

use super::settings::Settings;
use crate::api::names::NODE_LABEL;
use crate::api::net::Ranges;
use crate::docker::Engine;
use crate::docker::translate::log_config;

/// What the agent may do as root of its container: program the network, and own, write and chmod the files of pods
/// whoever they belong to.
const CAPABILITIES: [&str; 4] = ["NET_ADMIN", "CHOWN", "DAC_OVERRIDE", "FOWNER"];
/// The engine's socket in the node container.
const SOCKET: &str = "/var/run/docker.sock";
/// Where the state volume is in the node container.
const STATE: &str = "/var/lib/wharf";

/// The body of the create request; `socket` is the engine's socket on the Docker host, and `with_mac` says whether the
/// engine knows a MAC address per network.
pub(super) fn body(settings: &Settings, ranges: &Ranges, socket: &str, with_mac: bool) -> ContainerCreateBody {
    let labels = [(NODE_LABEL, settings.node.as_str()), (super::image::LABEL, env!("CARGO_PKG_VERSION"))];
    let ipam = EndpointIpamConfig { ipv4_address: Some(ranges.node.to_string()), ..Default::default() };
    let endpoint = EndpointSettings {
        ipam_config: Some(ipam),
        mac_address: with_mac.then(|| mac(ranges.node)),
        ..Default::default()
    };
    ContainerCreateBody {
        image: Some(settings.image.clone()),
        cmd: Some(vec!["supervise".to_owned()]),
        hostname: Some(settings.node.clone()),
        env: Some(settings.to_env()),
        labels: Some(owned(&labels)),
        // The agent has ten seconds of these.
        stop_timeout: Some(15),
        host_config: Some(host_config(&settings.node, socket)),
        networking_config: Some(NetworkingConfig {
            endpoints_config: Some([(settings.node.clone(), endpoint)].into()),
        }),
        ..Default::default()
    }
}

fn host_config(node: &str, socket: &str) -> HostConfig {
    HostConfig {
        network_mode: Some(node.to_owned()),
        mounts: Some(vec![
            mount(MountType::BIND, socket, SOCKET),
            mount(MountType::VOLUME, &Engine::state_volume(node), STATE),
        ]),
        tmpfs: Some(owned(&[("/run/wharf", "mode=0700,size=1m"), ("/tmp", "mode=1777,size=16m")])),
        readonly_rootfs: Some(true),
        cap_drop: Some(vec!["ALL".to_owned()]),
        cap_add: Some(CAPABILITIES.map(str::to_owned).into()),
        security_opt: Some(vec!["no-new-privileges".to_owned()]),
        // Packets for services are sent on to pods, of which the kernel must not tell the clients; DNS listens on port 53
        // without a capability for it.
        sysctls: Some(owned(&[
            ("net.ipv4.ip_forward", "1"),
            ("net.ipv4.conf.all.send_redirects", "0"),
            ("net.ipv4.ip_unprivileged_port_start", "0"),
        ])),
        // Not "unless-stopped": a dockerd that was killed stops the containers it finds when it is back, takes that for
        // the user's wish, and leaves them stopped (seen with 20.10).
        restart_policy: Some(RestartPolicy { name: Some(RestartPolicyNameEnum::ALWAYS), maximum_retry_count: None }),
        init: Some(false),
        log_config: Some(log_config()),
        ..Default::default()
    }
}

fn mount(typ: MountType, source: &str, target: &str) -> Mount {
    Mount { typ: Some(typ), source: Some(source.to_owned()), target: Some(target.to_owned()), ..Default::default() }
}

fn owned(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// The MAC address that engines without a setting for it derive from the address. It must never change: a new one makes
/// the node unreachable for half a minute, until its neighbours forget the old.
fn mac(address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("02:42:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}
