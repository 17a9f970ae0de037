//! The nftables expressions that the rules are made of; `nft --debug=netlink` prints the same.

use std::net::Ipv4Addr;

use super::wire::Message;
use crate::api::net::Cidr;

/// `NFTA_LIST_ELEM`
pub const ELEMENT: u16 = 1;
/// `NFTA_DATA_VALUE`
pub const VALUE: u16 = 1;
const REGISTER_1: u32 = 1;
const REGISTER_2: u32 = 2;
/// The second and third 32-bit words of the first register, where a concatenation goes on.
const WORDS_2_3: [u32; 2] = [9, 10];
const NETWORK: u32 = 1;
const TRANSPORT: u32 = 2;
const SOURCE: u32 = 12;
const DESTINATION: u32 = 16;
const EQUAL: u32 = 0;
const NOT_EQUAL: u32 = 1;

/// Adds one expression of a rule: name, then its attributes.
fn expression(rule: Message, name: &str, fill: impl FnOnce(Message) -> Message) -> Message {
    rule.nest(ELEMENT, |e| e.text(1, name).nest(2, fill))
}

fn payload(rule: Message, register: u32, base: u32, offset: u32, length: u32) -> Message {
    expression(rule, "payload", |e| e.number(1, register).number(2, base).number(3, offset).number(4, length))
}

fn meta_protocol(rule: Message, register: u32) -> Message {
    const L4PROTO: u32 = 16;
    expression(rule, "meta", |e| e.number(2, L4PROTO).number(1, register))
}

fn mask(rule: Message, mask: [u8; 4]) -> Message {
    expression(rule, "bitwise", |e| {
        e.number(1, REGISTER_1)
            .number(2, REGISTER_1)
            .number(3, 4)
            .nest(4, |d| d.with(VALUE, &mask))
            .nest(5, |d| d.with(VALUE, &[0; 4]))
    })
}

fn compare(rule: Message, operator: u32, value: &[u8]) -> Message {
    expression(rule, "cmp", |e| e.number(1, REGISTER_1).number(2, operator).nest(3, |d| d.with(VALUE, value)))
}

fn immediate(rule: Message, register: u32, value: &[u8]) -> Message {
    expression(rule, "immediate", |e| e.number(1, register).nest(2, |d| d.with(VALUE, value)))
}

fn in_range(rule: Message, offset: u32, range: Cidr) -> Message {
    let ones = u32::MAX << (32 - u32::from(range.prefix));
    let rule = mask(payload(rule, REGISTER_1, NETWORK, offset, 4), ones.to_be_bytes());
    compare(rule, EQUAL, &range.base.octets())
}

/// `ip saddr RANGE`
pub fn source_in(rule: Message, range: Cidr) -> Message {
    in_range(rule, SOURCE, range)
}

/// `ip daddr RANGE`
pub fn destination_in(rule: Message, range: Cidr) -> Message {
    in_range(rule, DESTINATION, range)
}

/// `meta l4proto PROTOCOL`
pub fn protocol(rule: Message, number: u8) -> Message {
    compare(meta_protocol(rule, REGISTER_1), EQUAL, &[number])
}

/// `ip daddr . meta l4proto . th dport vmap @MAP`
pub fn dispatch(rule: Message, map: &str) -> Message {
    let rule = payload(rule, REGISTER_1, NETWORK, DESTINATION, 4);
    let rule = payload(meta_protocol(rule, WORDS_2_3[0]), WORDS_2_3[1], TRANSPORT, 2, 2);
    expression(rule, "lookup", |e| e.number(2, REGISTER_1).number(3, 0).text(1, map))
}

/// `numgen random mod CHOICES 0`
pub fn one_in(rule: Message, choices: u32) -> Message {
    const RANDOM: u32 = 1;
    let rule =
        expression(rule, "numgen", |e| e.number(1, REGISTER_1).number(2, choices).number(3, RANDOM).number(4, 0));
    compare(rule, EQUAL, &0_u32.to_ne_bytes())
}

/// `dnat to ADDRESS:PORT`
pub fn dnat(rule: Message, address: Ipv4Addr, port: u16) -> Message {
    const DNAT: u32 = 1;
    let rule = immediate(rule, REGISTER_1, &address.octets());
    let rule = immediate(rule, REGISTER_2, &port.to_be_bytes());
    expression(rule, "nat", |e| nat(e, DNAT).number(3, REGISTER_1).number(5, REGISTER_2).number(7, 0x2))
}

/// `ct status dnat`
pub fn was_dnat(rule: Message) -> Message {
    const STATUS: u32 = 2;
    const IPS_DST_NAT: u32 = 0x20;
    let rule = expression(rule, "ct", |e| e.number(2, STATUS).number(1, REGISTER_1));
    compare(mask(rule, IPS_DST_NAT.to_ne_bytes()), NOT_EQUAL, &[0; 4])
}

/// `snat ip prefix to RANGE`: the host part of the address stays.
pub fn snat_prefix(rule: Message, range: Cidr) -> Message {
    const SNAT: u32 = 0;
    const NETMAP: u32 = 0x40;
    let rule = immediate(rule, REGISTER_1, &range.base.octets());
    let rule = immediate(rule, REGISTER_2, &range.at(range.size() - 1).octets());
    expression(rule, "nat", |e| nat(e, SNAT).number(3, REGISTER_1).number(4, REGISTER_2).number(7, NETMAP))
}

fn nat(expression: Message, kind: u32) -> Message {
    const IPV4: u32 = 2;
    expression.number(1, kind).number(2, IPV4)
}
