//! Reads from a resolv.conf whom to ask for names outside the cluster.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The name servers of a resolv.conf, in order; the node itself is left out, as asking it would never end.
/// <https://man7.org/linux/man-pages/man5/resolv.conf.5.html>
pub fn upstreams(resolv_conf: &str, node: Ipv4Addr) -> Vec<SocketAddr> {
    let servers = resolv_conf.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        if words.next() == Some("nameserver") { words.next()?.parse::<IpAddr>().ok() } else { None }
    });
    servers.filter(|server| *server != node).map(|server| SocketAddr::new(server, 53)).collect()
}
