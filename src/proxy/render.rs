//! Shows rules as a ruleset that `nft -f` accepts: for golden tests, and to compare with what the kernel has.

use std::fmt::Write;

use super::ir::{Endpoint, Frontend, Rules};
use super::observe::observe;
use super::translate::translate;
use crate::api::{Ranges, View};

/// The table that holds everything; Docker's own `ip nat` in the same namespace is left alone.
pub const TABLE: &str = "wharf";
/// The verdict map from address, protocol and port to the frontend's chain.
pub const MAP: &str = "services";
/// Before Docker's rules for 127.0.0.11, which share the hook at −100.
pub const PRIORITY_DNAT: i32 = -105;
/// Where source addresses are mapped.
pub const PRIORITY_SNAT: i32 = 100;

/// The ruleset as text.
pub fn render(rules: &Rules, ranges: &Ranges) -> String {
    let mut out = format!("table ip {TABLE} {{\n");
    map(&mut out, rules);
    for (frontend, endpoints) in &rules.services {
        chain(&mut out, *frontend, endpoints);
    }
    let dispatch = format!("ip daddr {} ip daddr . meta l4proto . th dport vmap @{MAP}", ranges.services);
    let shadow = format!("ip saddr {} ct status dnat snat ip prefix to {}", ranges.clients, ranges.shadow);
    base(&mut out, "prerouting", PRIORITY_DNAT, &dispatch);
    base(&mut out, "output", PRIORITY_DNAT, &dispatch);
    base(&mut out, "postrouting", PRIORITY_SNAT, &shadow);
    out.push_str("}\n");
    out
}

/// The ruleset for a view, as golden tests compare it.
pub fn golden(view: &View, ranges: &Ranges) -> String {
    render(&translate(&observe(view)), ranges)
}

fn map(out: &mut String, rules: &Rules) {
    let element =
        |f: &Frontend| format!("\t\t\t{} . {} . {} : goto {}", f.address, f.protocol.name(), f.port, f.chain());
    let elements: Vec<String> = rules.services.keys().map(element).collect();
    let _ = writeln!(out, "\tmap {MAP} {{\n\t\ttype ipv4_addr . inet_proto . inet_service : verdict");
    if !elements.is_empty() {
        let _ = writeln!(out, "\t\telements = {{\n{}\n\t\t}}", elements.join(",\n"));
    }
    out.push_str("\t}\n");
}

fn chain(out: &mut String, frontend: Frontend, endpoints: &[Endpoint]) {
    let _ = writeln!(out, "\n\tchain {} {{", frontend.chain());
    for (left, endpoint) in (1..=endpoints.len()).rev().zip(endpoints) {
        let chance = if left == 1 { String::new() } else { format!(" numgen random mod {left} 0") };
        let _ = writeln!(out, "\t\tmeta l4proto {}{chance} dnat to {endpoint}", frontend.protocol.name());
    }
    out.push_str("\t}\n");
}

fn base(out: &mut String, name: &str, priority: i32, rule: &str) {
    let _ = writeln!(
        out,
        "\n\tchain {name} {{\n\t\ttype nat hook {name} priority {priority}; policy accept;\n\t\t{rule}\n\t}}"
    );
}
