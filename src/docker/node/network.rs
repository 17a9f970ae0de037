//! The network of a node: a bridge with a subnet that is free on the host.

use std::collections::HashMap;
use std::time::Duration;

use bollard::models::{Ipam, IpamConfig, Network, NetworkCreateRequest};
use bollard::query_parameters::ListNetworksOptions;

use super::subnet::candidates;
use crate::api::names::{self, NODE_LABEL};
use crate::api::net::{Cidr, Ranges};
use crate::docker::error::{Error, about};
use crate::docker::host::Host;
use crate::kubelet::runtime;

/// Makes sure that the network is there, and returns its subnet.
pub(super) async fn ensure(host: &Host, node: &str, wanted: Option<Cidr>) -> Result<Cidr, Error> {
    let taken = match look(host, node).await? {
        Seen::Ours(subnet) if wanted.is_none_or(|w| w == subnet) => return Ok(subnet),
        Seen::Ours(subnet) => {
            return Err(Error::Taken(format!("the node \"{node}\" has the subnet {subnet} already")));
        }
        Seen::Taken(taken) => taken,
    };
    for subnet in wanted.map_or_else(|| candidates(node, &taken), |subnet| vec![subnet]) {
        let Err(error) = host.client.create_network(request(node, subnet).map_err(Error::Settings)?).await else {
            return Ok(subnet);
        };
        match about(&format!("network \"{node}\""), error) {
            // Another CLI is making it at this moment: the bridge's name lets only one of us succeed.
            runtime::Error::Conflict(text) | runtime::Error::Refused(text)
                if text.contains("same bridge name") || text.contains("already exists") =>
            {
                return wait(host, node).await;
            }
            runtime::Error::Conflict(text) | runtime::Error::Refused(text)
                if wanted.is_none() && ["overlap", "conflicts with network"].iter().any(|w| text.contains(w)) => {}
            other => return Err(other.into()),
        }
        // What overlaps may be this node's network, made by another CLI.
        if let Seen::Ours(subnet) = look(host, node).await? {
            return Ok(subnet);
        }
    }
    Err(Error::Taken(format!("no /16 between 10.64.0.0 and 10.127.0.0 is free for the network \"{node}\"")))
}

/// What there is of networks.
enum Seen {
    /// The node's own, with its subnet.
    Ours(Cidr),
    /// Not the node's own; the subnets that are taken.
    Taken(Vec<Cidr>),
}

async fn look(host: &Host, node: &str) -> Result<Seen, Error> {
    let networks = host.client.list_networks(None::<ListNetworksOptions>).await.map_err(|e| about("networks", e))?;
    let Some(network) = networks.iter().find(|n| n.name.as_deref() == Some(node)) else {
        return Ok(Seen::Taken(networks.iter().flat_map(subnets).collect()));
    };
    if network.labels.as_ref().and_then(|l| l.get(NODE_LABEL)).is_none_or(|of| of != node) {
        return Err(Error::Taken(format!("the host has a network \"{node}\" that is not wharf's")));
    }
    let subnet = subnets(network).into_iter().next();
    subnet.map(Seen::Ours).ok_or_else(|| Error::Taken(format!("the network \"{node}\" has no IPv4 subnet")))
}

/// A network that is being made becomes visible some milliseconds after its bridge's name is taken.
async fn wait(host: &Host, node: &str) -> Result<Cidr, Error> {
    for _ in 0..100 {
        if let Seen::Ours(subnet) = look(host, node).await? {
            return Ok(subnet);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(Error::Taken(format!("the bridge \"{}\" belongs to another network", bridge(node))))
}

fn subnets(network: &Network) -> Vec<Cidr> {
    let configs = network.ipam.iter().flat_map(|i| i.config.iter().flatten());
    configs.filter_map(|c| c.subnet.as_ref()?.parse().ok()).collect()
}

/// The name of the bridge, which the kernel holds to 15 characters.
fn bridge(node: &str) -> String {
    let plain = format!("wh-{node}");
    if plain.len() <= 15 { plain } else { format!("wh-{}", names::suffix(node, 12)) }
}

fn request(node: &str, subnet: Cidr) -> Result<NetworkCreateRequest, String> {
    let ranges = Ranges::of(subnet)?;
    let config = IpamConfig {
        subnet: Some(subnet.to_string()),
        ip_range: Some(ranges.docker.to_string()),
        gateway: Some(ranges.gateway.to_string()),
        ..Default::default()
    };
    Ok(NetworkCreateRequest {
        name: node.to_owned(),
        driver: Some("bridge".to_owned()),
        ipam: Some(Ipam { config: Some(vec![config]), ..Default::default() }),
        // Docker lets several networks have one name, but no two bridges.
        options: Some([("com.docker.network.bridge.name".to_owned(), bridge(node))].into()),
        labels: Some(HashMap::from([(NODE_LABEL.to_owned(), node.to_owned())])),
        ..Default::default()
    })
}
