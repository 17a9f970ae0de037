//! What the kernel is to do, as plain data: each address, protocol and port of a service with its endpoints.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;

/// A transport protocol that a service port may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP, the default.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    /// The protocol that a manifest names; absent means TCP.
    pub fn named(name: Option<&str>) -> Option<Self> {
        match name.unwrap_or("TCP") {
            "TCP" => Some(Self::Tcp),
            "UDP" => Some(Self::Udp),
            "SCTP" => Some(Self::Sctp),
            _ => None,
        }
    }

    /// The name as nft writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }

    /// The number in the IP header. <https://www.iana.org/assignments/protocol-numbers>
    pub const fn number(self) -> u8 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::Sctp => 132,
        }
    }
}

/// What clients connect to: one port of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Frontend {
    /// The service address.
    pub address: Ipv4Addr,
    /// The transport protocol.
    pub protocol: Protocol,
    /// The service's port.
    pub port: u16,
}

impl Frontend {
    /// The name of the frontend's chain, such as `tcp-10.201.128.1-80`; [`Frontend::of_chain`] reads it back.
    pub fn chain(&self) -> String {
        format!("{}-{}-{}", self.protocol.name(), self.address, self.port)
    }

    /// The frontend that a chain serves, `None` for chains of another name.
    pub fn of_chain(name: &str) -> Option<Self> {
        let (protocol, rest) = name.split_once('-')?;
        let (address, port) = rest.split_once('-')?;
        let protocol = Protocol::ALL.into_iter().find(|p| p.name() == protocol)?;
        Some(Self { address: address.parse().ok()?, protocol, port: port.parse().ok()? })
    }
}

/// `10.201.128.1:80/tcp`
impl fmt::Display for Frontend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.address, self.port, self.protocol.name())
    }
}

/// Where connections go: one port of one pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// The pod's address.
    pub address: Ipv4Addr,
    /// The port that the container listens on.
    pub port: u16,
}

/// `10.201.1.1:8080`
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.address, self.port)
    }
}

/// All frontends with their endpoints, sorted and never empty: a port without an endpoint has no rule, so that the
/// node's own kernel refuses the connection at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// The endpoints of each frontend.
    pub services: BTreeMap<Frontend, Vec<Endpoint>>,
}
