//! Makes the kernel of this network namespace follow the rules.

use std::fs;
use std::io;
use std::net::Ipv4Addr;

use super::diff::{Change, diff};
use super::error::Error;
use super::ir::{Endpoint, Frontend, Protocol, Rules};
use super::netlink::{Family, Socket};
use super::render::TABLE;
use super::wire::Message;
use super::{conntrack, message, route};
use crate::api::Ranges;

const PROBE: &str = "wharf-probe";
const FORWARDING: &str = "/proc/sys/net/ipv4/ip_forward";
const INTERFACES: &str = "/proc/sys/net/ipv4/conf";

/// The kernel, and what it was told.
#[derive(Debug)]
pub struct Kernel {
    ranges: Ranges,
    netfilter: Socket,
    /// `None` until the first transaction, and after one that was refused.
    applied: Option<Rules>,
}

impl Kernel {
    /// Makes the node own the service addresses, and finds out whether the kernel can do what is needed.
    ///
    /// # Errors
    /// What the kernel lacks.
    pub fn open(ranges: Ranges) -> Result<Self, Error> {
        forward().map_err(Error::NoForwarding)?;
        if let Err(error) = stop_redirects() {
            tracing::debug!(%error, "ICMP redirects stay on");
        }
        let mut route = Socket::open(Family::Route).map_err(Error::Socket)?;
        route.request(route::routes(&ranges)).map_err(Error::Routes)?;
        let mut netfilter = Socket::open(Family::Netfilter).map_err(Error::Socket)?;
        netfilter.transact(vec![probe(&ranges)]).map_err(Error::NoNftables)?;
        Ok(Self { ranges, netfilter, applied: None })
    }

    /// Makes the rules hold; connections that are established stay. Returns what was changed.
    ///
    /// # Errors
    /// If the kernel refuses the transaction; the rules that held before still do.
    pub fn apply(&mut self, rules: &Rules) -> Result<Vec<Change>, Error> {
        let changes = match self.applied.take() {
            Some(old) => {
                let changes = diff(&old, rules);
                self.netfilter.transact(groups(&changes)).map_err(Error::Rules)?;
                changes
            }
            None => self.take_over(rules).map_err(Error::Rules)?,
        };
        self.applied = Some(rules.clone());
        if let Err(error) = self.forget_flows(&changes) {
            tracing::warn!(%error, "UDP flows to endpoints that are gone can't be ended");
        }
        Ok(changes)
    }

    /// Goes on from what an earlier agent left, which may be nothing: its chains are rewritten in place, so that no
    /// connection is refused meanwhile. What can't be gone on from is replaced.
    fn take_over(&mut self, rules: &Rules) -> io::Result<Vec<Change>> {
        let changes = diff(&self.left_over()?, rules);
        let base = message::base(TABLE, &self.ranges);
        let gently = std::iter::once(base.clone()).chain(groups(&changes)).collect();
        if let Err(error) = self.netfilter.transact(gently) {
            tracing::warn!(%error, "the rules of an earlier agent are replaced");
            let changes = diff(&Rules::default(), rules);
            let anew = [message::remove(TABLE), base].concat();
            self.netfilter.transact(std::iter::once(anew).chain(groups(&changes)).collect())?;
        }
        Ok(changes)
    }

    /// The frontends whose chains are there. Their endpoints are unknown: none, which equals no wanted ones.
    fn left_over(&mut self) -> io::Result<Rules> {
        let mut rules = Rules::default();
        self.netfilter.dump(message::list_chains(), |body| {
            let name = message::chain_name(body).filter(|(table, _)| *table == TABLE).map(|(_, name)| name);
            rules.services.extend(name.and_then(Frontend::of_chain).map(|frontend| (frontend, Vec::new())));
        })?;
        Ok(rules)
    }

    fn forget_flows(&mut self, changes: &[Change]) -> io::Result<()> {
        let wanted = conntrack::wanted(changes);
        if wanted.is_empty() {
            return Ok(());
        }
        let mut stale = Vec::new();
        self.netfilter.dump(conntrack::list(), |body| stale.extend(conntrack::forget(body, &wanted)))?;
        for flow in stale {
            match self.netfilter.request(vec![flow]) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

fn groups(changes: &[Change]) -> Vec<Vec<Message>> {
    changes.iter().map(|change| message::change(TABLE, change)).collect()
}

/// Every expression in use, in a table that is gone at the end of the same transaction.
fn probe(ranges: &Ranges) -> Vec<Message> {
    let frontend = Frontend { address: ranges.services.base, protocol: Protocol::Tcp, port: 1 };
    let endpoint = Endpoint { address: Ipv4Addr::LOCALHOST, port: 1 };
    let set = message::change(PROBE, &Change::Set(frontend, vec![endpoint, endpoint]));
    [message::base(PROBE, ranges), set, message::remove(PROBE)].concat()
}

/// Docker turns forwarding on in the containers' namespaces, where `/proc/sys` is read-only.
fn forward() -> io::Result<()> {
    if fs::read_to_string(FORWARDING)?.trim() == "1" { Ok(()) } else { fs::write(FORWARDING, "1") }
}

/// Packets to services leave by the interface they came in, for which the kernel would tell clients of a shorter way. They
/// can't use it, and one such message uses up a client's allowance of "port unreachable", by which UDP is refused.
fn stop_redirects() -> io::Result<()> {
    for interface in fs::read_dir(INTERFACES)? {
        let setting = interface?.path().join("send_redirects");
        if fs::read_to_string(&setting)?.trim() != "0" {
            fs::write(&setting, "0")?;
        }
    }
    Ok(())
}
