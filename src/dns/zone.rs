//! The cluster's names as plain data, with a text form.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;

use crate::api::net::Cidr;

/// The cluster domain.
pub const DOMAIN: &str = "cluster.local";
/// How long clients may remember an answer, in seconds, as CoreDNS has it.
pub const TTL: u32 = 5;

/// What a name has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Record {
    /// An address.
    A(Ipv4Addr),
    /// Another name.
    Cname(String),
    /// A port at a name.
    Srv {
        /// The port.
        port: u16,
        /// The name.
        target: String,
    },
}

/// All names; they are lower-case and have no dot at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// The store's revision, for the SOA.
    pub serial: u32,
    /// The addresses whose names are known here or nowhere.
    pub subnet: Cidr,
    /// The records of each name, sorted. A name without records exists too, such as one that others are under.
    pub names: BTreeMap<String, Vec<Record>>,
    /// The names of each address, sorted.
    pub addresses: BTreeMap<Ipv4Addr, Vec<String>>,
}

impl Zone {
    /// A zone without names but the domain's own.
    pub fn new(revision: u64, subnet: Cidr) -> Self {
        let names = BTreeMap::from([(DOMAIN.to_owned(), Vec::new())]);
        // A serial number wraps around, as RFC 1982 wants.
        let serial = u32::try_from(revision % (1 << 32)).unwrap_or_default();
        Self { serial, subnet, names, addresses: BTreeMap::new() }
    }

    /// Adds a name, and those that it is under.
    pub fn name(&mut self, name: &str) {
        let mut rest = name;
        while !self.names.contains_key(rest) {
            self.names.insert(rest.to_owned(), Vec::new());
            match rest.split_once('.') {
                Some((_, parent)) => rest = parent,
                None => break,
            }
        }
    }

    /// Adds a record to a name.
    pub fn add(&mut self, name: &str, record: Record) {
        self.name(name);
        insert(self.names.entry(name.to_owned()).or_default(), record);
    }

    /// Adds a name to an address.
    pub fn add_address(&mut self, address: Ipv4Addr, name: String) {
        insert(self.addresses.entry(address).or_default(), name);
    }
}

fn insert<T: Ord>(sorted: &mut Vec<T>, value: T) {
    if let Err(position) = sorted.binary_search(&value) {
        sorted.insert(position, value);
    }
}

/// One line a record; names without records are left out.
impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, records) in &self.names {
            for record in records {
                match record {
                    Record::A(address) => writeln!(f, "{name} A {address}")?,
                    Record::Cname(target) => writeln!(f, "{name} CNAME {target}")?,
                    Record::Srv { port, target } => writeln!(f, "{name} SRV {port} {target}")?,
                }
            }
        }
        for (address, names) in &self.addresses {
            for name in names {
                writeln!(f, "{address} PTR {name}")?;
            }
        }
        Ok(())
    }
}
