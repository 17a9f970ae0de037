//! Decides which tracked UDP flows to forget: those that an endpoint which is gone, or no endpoint at all, answers.
//!
//! A UDP flow keeps its endpoint for as long as packets come, whatever the rules say; TCP connections are left to end by
//! themselves.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::diff::Change;
use super::ir::{Endpoint, Frontend, Protocol};
use super::wire::{DUMP, Message, attribute};

const SUBSYSTEM: u16 = 1 << 8;
const GET: u16 = SUBSYSTEM | 1;
const DELETE: u16 = SUBSYSTEM | 2;
const IPV4_HEADER: [u8; 4] = [2, 0, 0, 0];
/// Attributes of a flow, of a tuple, of its addresses and of its ports (`CTA_…`).
const ORIGINAL: u16 = 1;
const REPLY: u16 = 2;
const ADDRESSES: u16 = 1;
const PORTS: u16 = 2;
const SOURCE: u16 = 1;
const DESTINATION: u16 = 2;
const NUMBER: u16 = 1;
const SOURCE_PORT: u16 = 2;
const DESTINATION_PORT: u16 = 3;

/// The UDP frontends that changes concern, with the endpoints that they have now.
pub type Wanted<'a> = BTreeMap<Frontend, &'a [Endpoint]>;

/// What the changes say about UDP; empty where there is nothing to look for.
pub fn wanted(changes: &[Change]) -> Wanted<'_> {
    let udp = changes.iter().filter(|change| change.frontend().protocol == Protocol::Udp);
    udp.map(|change| (*change.frontend(), change.endpoints())).collect()
}

/// Asks for all tracked IPv4 flows.
pub fn list() -> Message {
    Message::new(GET, DUMP, &IPV4_HEADER)
}

/// The message that forgets a flow, where the flow (the body of an answer to [`list`]) is to be forgotten.
pub fn forget(body: &[u8], wanted: &Wanted<'_>) -> Option<Message> {
    let flow = body.get(4..)?;
    let tuple = attribute(flow, ORIGINAL)?;
    let frontend = frontend(tuple)?;
    let answered_by = source(attribute(flow, REPLY)?)?;
    let stale = !wanted.get(&frontend)?.contains(&answered_by);
    stale.then(|| Message::new(DELETE, 0, &IPV4_HEADER).nest(ORIGINAL, |m| m.raw(tuple)))
}

/// Where the client sent it.
fn frontend(tuple: &[u8]) -> Option<Frontend> {
    let ports = attribute(tuple, PORTS)?;
    let number = attribute(ports, NUMBER)?.first()?;
    Some(Frontend {
        address: address(tuple, DESTINATION)?,
        protocol: Protocol::ALL.into_iter().find(|p| p.number() == *number)?,
        port: port(ports, DESTINATION_PORT)?,
    })
}

/// Who answers.
fn source(tuple: &[u8]) -> Option<Endpoint> {
    Some(Endpoint { address: address(tuple, SOURCE)?, port: port(attribute(tuple, PORTS)?, SOURCE_PORT)? })
}

fn address(tuple: &[u8], kind: u16) -> Option<Ipv4Addr> {
    let octets: [u8; 4] = attribute(attribute(tuple, ADDRESSES)?, kind)?.try_into().ok()?;
    Some(octets.into())
}

fn port(ports: &[u8], kind: u16) -> Option<u16> {
    Some(u16::from_be_bytes(attribute(ports, kind)?.try_into().ok()?))
}
