//! The way from a view to changes, and the messages' lengths.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::diff::{Change, diff};
use super::ir::{Endpoint, Frontend, Protocol, Rules};
use super::wire::{attribute, messages};
use super::{conntrack, message};

fn frontend(n: u8, protocol: Protocol) -> Frontend {
    Frontend { address: Ipv4Addr::new(10, 201, 128, n), protocol, port: 80 }
}

fn endpoint(n: u8) -> Endpoint {
    Endpoint { address: Ipv4Addr::new(10, 201, 1, n), port: 8080 }
}

fn text(changes: &[Change]) -> String {
    changes.iter().map(|change| format!("{change}\n")).collect::<Vec<_>>().concat()
}

#[test]
fn only_what_changed_is_written() {
    let tcp = |n| frontend(n, Protocol::Tcp);
    let old = Rules {
        services: BTreeMap::from([
            (tcp(1), vec![endpoint(1)]),
            (tcp(2), vec![endpoint(1), endpoint(2)]),
            (tcp(3), vec![endpoint(3)]),
        ]),
    };
    let new = Rules {
        services: BTreeMap::from([
            (tcp(1), vec![endpoint(1)]),
            (tcp(2), vec![endpoint(2)]),
            (frontend(3, Protocol::Udp), vec![endpoint(3)]),
        ]),
    };
    insta::assert_snapshot!(text(&diff(&old, &new)), @r"
    10.201.128.3:80/tcp → refused
    10.201.128.2:80/tcp → 10.201.1.2:8080
    10.201.128.3:80/udp → 10.201.1.3:8080
    ");
}

fn rules() -> impl Strategy<Value = Rules> {
    let one = (0..6_u8, prop::sample::select(&Protocol::ALL[..])).prop_map(|(n, p)| frontend(n, p));
    let endpoints = prop::collection::btree_set(0..4_u8, 1..4);
    prop::collection::btree_map(one, endpoints.prop_map(|set| set.into_iter().map(endpoint).collect()), 0..6)
        .prop_map(|services| Rules { services })
}

proptest! {
    /// Carried out, the changes make the old rules the new ones; then there are none.
    #[test]
    fn changes_lead_to_the_new_rules(old in rules(), new in rules()) {
        let mut now = old.clone();
        for change in diff(&old, &new) {
            match change {
                Change::Set(frontend, endpoints) => { now.services.insert(frontend, endpoints); }
                Change::Remove(frontend) => prop_assert!(now.services.remove(&frontend).is_some()),
            }
        }
        prop_assert_eq!(&now, &new);
        prop_assert!(diff(&now, &new).is_empty());
    }

    /// The name of a chain tells what it serves.
    #[test]
    fn chains_are_found_again(n in any::<u32>(), port in any::<u16>(), p in prop::sample::select(&Protocol::ALL[..])) {
        let frontend = Frontend { address: n.into(), protocol: p, port };
        prop_assert_eq!(Frontend::of_chain(&frontend.chain()), Some(frontend));
    }
}

#[test]
fn foreign_chains_are_left_alone() {
    for name in ["prerouting", "tcp-10.0.0.1", "tcp-10.0.0.1-http", "icmp-10.0.0.1-80"] {
        assert_eq!(Frontend::of_chain(name), None, "{name}");
    }
}

/// A flow as the kernel lists it: from a client to 10.201.128.9:80, answered by an endpoint.
fn flow(answered_by: Endpoint) -> Vec<u8> {
    let tuple = |m: super::wire::Message, source: Endpoint, destination: Endpoint| {
        m.nest(1, |m| m.with(1, &source.address.octets()).with(2, &destination.address.octets()))
            .nest(2, |m| m.with(1, &[17]).with(2, &source.port.to_be_bytes()).with(3, &destination.port.to_be_bytes()))
    };
    let service = Endpoint { address: Ipv4Addr::new(10, 201, 128, 9), port: 80 };
    let message = super::wire::Message::new(0, 0, &[2, 0, 0, 0])
        .nest(1, |m| tuple(m, endpoint(200), service))
        .nest(2, |m| tuple(m, answered_by, endpoint(200)));
    messages(&message.finish(1, false)).next().unwrap().body.to_vec()
}

#[test]
fn udp_flows_to_endpoints_that_are_gone_are_forgotten() {
    let here = Change::Set(frontend(9, Protocol::Udp), vec![endpoint(1)]);
    let gone = Change::Remove(frontend(9, Protocol::Udp));
    let others = [Change::Remove(frontend(9, Protocol::Tcp)), Change::Remove(frontend(8, Protocol::Udp))];
    let forgotten = |changes: &[Change], by| conntrack::forget(&flow(by), &conntrack::wanted(changes)).is_some();
    assert!(!forgotten(std::slice::from_ref(&here), endpoint(1)), "its endpoint is there");
    assert!(forgotten(std::slice::from_ref(&here), endpoint(2)), "its endpoint is gone");
    assert!(forgotten(&[gone], endpoint(1)), "all endpoints are gone");
    assert!(!forgotten(&others, endpoint(1)), "others changed");

    let message = conntrack::forget(&flow(endpoint(2)), &conntrack::wanted(&[here])).unwrap().finish(1, false);
    let sent = messages(&message).next().unwrap();
    let listed = flow(endpoint(2));
    assert_eq!(attribute(&sent.body[4..], 1), attribute(&listed[4..], 1), "the flow's own tuple names it");
}

#[test]
fn every_message_has_the_length_it_says() {
    let ranges = crate::api::Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap();
    let set = Change::Set(frontend(1, Protocol::Tcp), vec![endpoint(1), endpoint(2), endpoint(3)]);
    let all = [message::base("t", &ranges), message::change("t", &set), super::route::routes(&ranges)].concat();
    let (count, mut bytes) = (all.len(), Vec::new());
    for (n, message) in (1..).zip(all) {
        bytes.extend(message.finish(n, false));
    }
    let sequences: Vec<u32> = messages(&bytes).map(|m| m.sequence).collect();
    assert_eq!(sequences, (1..).take(count).collect::<Vec<u32>>());
}
