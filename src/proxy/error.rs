//! Why service addresses can't be kept.

use std::io;

/// Why the kernel could not be programmed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No socket to the kernel: the container lacks `CAP_NET_ADMIN`, or the kernel lacks netlink.
    #[error("can't open a netlink socket")]
    Socket(#[source] io::Error),
    /// The probe failed.
    #[error(
        "the Docker host's kernel can't load balance with nf_tables (modules nf_tables, nft_chain_nat, nft_numgen, nft_ct)"
    )]
    NoNftables(#[source] io::Error),
    /// Packets would not go from clients to endpoints.
    #[error("net.ipv4.ip_forward is off in the node container and can't be set")]
    NoForwarding(#[source] io::Error),
    /// The routes by which the node owns service addresses were refused.
    #[error("can't route the service addresses to the node")]
    Routes(#[source] io::Error),
    /// A transaction was refused; nothing of it holds.
    #[error("the kernel refused the rules for service addresses")]
    Rules(#[source] io::Error),
}
