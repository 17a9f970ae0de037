//! The addresses of a node: one /16 cut into disjoint ranges.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// A range of IPv4 addresses, `10.201.0.0/16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cidr {
    /// The first address.
    pub base: Ipv4Addr,
    /// The length of the prefix in bits.
    pub prefix: u8,
}

impl Cidr {
    /// How many addresses the range has.
    #[must_use]
    pub const fn size(self) -> u32 {
        1 << (32 - self.prefix as u32)
    }

    /// The address at an offset.
    #[must_use]
    pub fn at(self, offset: u32) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.base) + offset)
    }

    /// Whether the range has the address.
    #[must_use]
    pub fn contains(self, address: Ipv4Addr) -> bool {
        u32::from(address).wrapping_sub(u32::from(self.base)) < self.size()
    }

    /// Whether the ranges share an address.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.contains(other.base) || other.contains(self.base)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

impl FromStr for Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("\"{text}\" is not a range of IPv4 addresses such as 10.201.0.0/16");
        let (base, prefix) = text.split_once('/').ok_or_else(bad)?;
        let base: Ipv4Addr = base.parse().map_err(|_| bad())?;
        let prefix: u8 = prefix.parse().ok().filter(|p| (1..=30).contains(p)).ok_or_else(bad)?;
        let mask = u32::MAX << (32 - u32::from(prefix));
        Ok(Self { base: Ipv4Addr::from(u32::from(base) & mask), prefix })
    }
}

/// How a node's subnet is cut. The ranges must stay disjoint: a range that the node owns by a local route captures
/// every address in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranges {
    /// The Docker network's subnet, a /16.
    pub subnet: Cidr,
    /// All that may open connections to services: gateway, Docker's own range and pods. The first quarter.
    pub clients: Cidr,
    /// What Docker hands out by itself: the first /24 of the clients.
    pub docker: Cidr,
    /// The clients' addresses as endpoints see them (mapped 1:1): the second quarter.
    pub shadow: Cidr,
    /// Service addresses: the third quarter.
    pub services: Cidr,
    /// The host's address on the bridge.
    pub gateway: Ipv4Addr,
    /// The node container's address, which is also the DNS server's.
    pub node: Ipv4Addr,
}

impl Ranges {
    /// Cuts a subnet.
    ///
    /// # Errors
    /// If the subnet is not a /16.
    pub fn of(subnet: Cidr) -> Result<Self, String> {
        if subnet.prefix != 16 {
            return Err(format!("the subnet {subnet} is not a /16"));
        }
        let quarter = |n: u32| Cidr { base: subnet.at(n << 14), prefix: 18 };
        Ok(Self {
            subnet,
            clients: quarter(0),
            docker: Cidr { base: subnet.base, prefix: 24 },
            shadow: quarter(1),
            services: quarter(2),
            gateway: subnet.at(1),
            node: subnet.at(0xfffe),
        })
    }

    /// The pods' addresses: the clients' without Docker's own range.
    pub fn pods(self) -> impl Iterator<Item = Ipv4Addr> {
        (self.docker.size()..self.clients.size() - 1).map(move |offset| self.clients.at(offset))
    }
}
