//! Makes the rtnetlink messages by which the node owns whole ranges of addresses (AnyIP).

use std::net::Ipv4Addr;

use super::wire::{CREATE, Message, REPLACE};
use crate::api::Ranges;
use crate::api::net::Cidr;

const NEW_LINK: u16 = 16;
const NEW_ROUTE: u16 = 24;
/// The loopback is the first interface of every network namespace.
const LOOPBACK: u32 = 1;

/// Brings the loopback up and routes services and shadow to it, as `ip route replace local RANGE dev lo src NODE` does.
///
/// The source makes the node's own connections to services come from its address, which would otherwise be the service's.
pub fn routes(ranges: &Ranges) -> Vec<Message> {
    vec![up(), local(ranges.services, ranges.node), local(ranges.shadow, ranges.node)]
}

fn up() -> Message {
    const UP: u32 = 1;
    let mut header = vec![0; 4];
    header.extend(LOOPBACK.to_ne_bytes());
    header.extend(UP.to_ne_bytes());
    header.extend(UP.to_ne_bytes());
    Message::new(NEW_LINK, 0, &header)
}

fn local(range: Cidr, source: Ipv4Addr) -> Message {
    const IPV4: u8 = 2;
    const TABLE_LOCAL: u8 = 255;
    const PROTOCOL_STATIC: u8 = 4;
    const SCOPE_HOST: u8 = 254;
    const LOCAL: u8 = 2;
    let header = [IPV4, range.prefix, 0, 0, TABLE_LOCAL, PROTOCOL_STATIC, SCOPE_HOST, LOCAL, 0, 0, 0, 0];
    Message::new(NEW_ROUTE, CREATE | REPLACE, &header)
        .with(1, &range.base.octets())
        .with(4, &LOOPBACK.to_ne_bytes())
        .with(7, &source.octets())
}
