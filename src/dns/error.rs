//! Why names can't be answered.

use std::io;
use std::net::SocketAddr;

/// Why the DNS server could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken, or is not the node's.
    #[error("the DNS server can't listen on {address}")]
    Listen {
        /// Where it wanted to listen.
        address: SocketAddr,
        /// What the kernel said.
        source: io::Error,
    },
}
