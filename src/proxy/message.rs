//! Makes the nftables messages for rules: the same ruleset that [`super::render`] shows.

use super::diff::Change;
use super::expression::{
    ELEMENT, VALUE, destination_in, dispatch, dnat, one_in, protocol, snat_prefix, source_in, was_dnat,
};
use super::ir::{Endpoint, Frontend};
use super::render::{MAP, PRIORITY_DNAT, PRIORITY_SNAT};
use super::wire::{APPEND, CREATE, DUMP, Message};
use crate::api::Ranges;

const IPV4: u8 = 2;
const SUBSYSTEM: u16 = 10 << 8;
const NEW_TABLE: u16 = SUBSYSTEM;
const DELETE_TABLE: u16 = SUBSYSTEM | 2;
const NEW_CHAIN: u16 = SUBSYSTEM | 3;
const GET_CHAIN: u16 = SUBSYSTEM | 4;
const DELETE_CHAIN: u16 = SUBSYSTEM | 5;
const NEW_RULE: u16 = SUBSYSTEM | 6;
const DELETE_RULE: u16 = SUBSYSTEM | 8;
const NEW_SET: u16 = SUBSYSTEM | 9;
const NEW_ELEMENT: u16 = SUBSYSTEM | 0xc;
const DELETE_ELEMENT: u16 = SUBSYSTEM | 0xe;
/// `NF_INET_PRE_ROUTING`, `NF_INET_LOCAL_OUT`, `NF_INET_POST_ROUTING`
const HOOKS: [u32; 3] = [0, 3, 4];

/// What must hold whatever the services are: table, map and base chains. It may be there already.
pub fn base(table: &str, ranges: &Ranges) -> Vec<Message> {
    let mut messages = vec![new_table(table), map(table)];
    let mut chain = |name: &str, hook: u32, priority: i32, rule: &dyn Fn(Message) -> Message| {
        messages.push(base_chain(table, name, hook, priority));
        messages.push(flush(table, name));
        messages.push(new_rule(table, name, rule));
    };
    let to_services = |rule| dispatch(destination_in(rule, ranges.services), MAP);
    chain("prerouting", HOOKS[0], PRIORITY_DNAT, &to_services);
    chain("output", HOOKS[1], PRIORITY_DNAT, &to_services);
    chain("postrouting", HOOKS[2], PRIORITY_SNAT, &|rule| {
        snat_prefix(was_dnat(source_in(rule, ranges.clients)), ranges.shadow)
    });
    messages
}

/// The messages of one change, which must stay in one transaction.
pub fn change(table: &str, change: &Change) -> Vec<Message> {
    match change {
        Change::Set(frontend, endpoints) => set(table, *frontend, endpoints),
        Change::Remove(frontend) => vec![
            element(table, DELETE_ELEMENT, 0, *frontend, None),
            message(DELETE_CHAIN, 0).text(1, table).text(3, &frontend.chain()),
        ],
    }
}

/// Removes the table with all that is in it; it is no error if there is none.
pub fn remove(table: &str) -> Vec<Message> {
    vec![new_table(table), message(DELETE_TABLE, 0).text(1, table)]
}

/// Asks for the names of all chains of a table; [`super::apply`] reads the answers.
pub fn list_chains() -> Message {
    message(GET_CHAIN, DUMP)
}

/// The table and the name in an answer to [`list_chains`].
pub fn chain_name(body: &[u8]) -> Option<(&str, &str)> {
    let text = |kind| {
        let value = super::wire::attribute(body.get(4..)?, kind)?;
        std::str::from_utf8(value.strip_suffix(&[0]).unwrap_or(value)).ok()
    };
    Some((text(1)?, text(3)?))
}

/// What opens a transaction.
pub fn begin() -> Message {
    const BEGIN: u16 = 16;
    Message::new(BEGIN, 0, &batch_header())
}

/// What commits it.
pub fn commit() -> Message {
    const END: u16 = 17;
    Message::new(END, 0, &batch_header())
}

/// `nfgenmsg` with the subsystem as resource id, in network order.
const fn batch_header() -> [u8; 4] {
    [0, 0, 0, 10]
}

fn message(kind: u16, flags: u16) -> Message {
    Message::new(kind, flags, &[IPV4, 0, 0, 0])
}

/// The chain keeps its name and stays in the map, so a packet under way finds the old rules or the new ones, each whole.
fn set(table: &str, frontend: Frontend, endpoints: &[Endpoint]) -> Vec<Message> {
    let chain = frontend.chain();
    let mut messages = vec![message(NEW_CHAIN, CREATE).text(1, table).text(3, &chain), flush(table, &chain)];
    for (left, endpoint) in (1..=u32::try_from(endpoints.len()).unwrap_or(u32::MAX)).rev().zip(endpoints) {
        messages.push(new_rule(table, &chain, &|rule| {
            let rule = protocol(rule, frontend.protocol.number());
            let rule = if left == 1 { rule } else { one_in(rule, left) };
            dnat(rule, endpoint.address, endpoint.port)
        }));
    }
    messages.push(element(table, NEW_ELEMENT, CREATE, frontend, Some(&chain)));
    messages
}

fn new_table(table: &str) -> Message {
    message(NEW_TABLE, CREATE).text(1, table).number(2, 0)
}

fn map(table: &str) -> Message {
    const IS_MAP: u32 = 8;
    const VERDICT: u32 = 0xffff_ff00;
    /// nft's numbers for `ipv4_addr . inet_proto . inet_service`, six bits each; only listings read it.
    const KEY_TYPE: u32 = (7 << 12) + (12 << 6) + 13;
    message(NEW_SET, CREATE)
        .text(1, table)
        .text(2, MAP)
        .number(3, IS_MAP)
        .number(4, KEY_TYPE)
        .number(5, 12)
        .number(6, VERDICT)
        .number(7, 0)
        .number(10, 1)
}

fn base_chain(table: &str, name: &str, hook: u32, priority: i32) -> Message {
    message(NEW_CHAIN, CREATE)
        .text(1, table)
        .text(3, name)
        .text(7, "nat")
        .nest(4, |h| h.number(1, hook).with(2, &priority.to_be_bytes()))
}

fn flush(table: &str, chain: &str) -> Message {
    message(DELETE_RULE, 0).text(1, table).text(2, chain)
}

fn new_rule(table: &str, chain: &str, expressions: &dyn Fn(Message) -> Message) -> Message {
    message(NEW_RULE, CREATE | APPEND).text(1, table).text(2, chain).nest(4, expressions)
}

/// An element of the map: its key, each part padded to four bytes, and where it goes to.
fn element(table: &str, kind: u16, flags: u16, frontend: Frontend, chain: Option<&str>) -> Message {
    const GOTO: u32 = (-4_i32).cast_unsigned();
    let mut key = [0; 12];
    key[..4].copy_from_slice(&frontend.address.octets());
    key[4] = frontend.protocol.number();
    key[8..10].copy_from_slice(&frontend.port.to_be_bytes());
    message(kind, flags).text(1, table).text(2, MAP).nest(3, |list| {
        list.nest(ELEMENT, |element| {
            let element = element.nest(1, |k| k.with(VALUE, &key));
            match chain {
                Some(chain) => element.nest(2, |d| d.nest(2, |verdict| verdict.number(1, GOTO).text(2, chain))),
                None => element,
            }
        })
    })
}
