//! A node costs next to nothing.

use std::fs;
use std::time::{Duration, Instant};

use crate::agent::process;
use crate::harness::{LATER, Node, eventually, stays};

/// What an idle agent may hold.
const MOST: u64 = 20_000;

/// A line such as `VmRSS: 9948 kB` of a process's status.
fn kilobytes(pid: &str, line: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let value = status.lines().find_map(|l| l.strip_prefix(line)).unwrap();
    value.trim_matches([':', ' ', '\t']).trim_end_matches(" kB").parse().unwrap()
}

/// The processor's time that a process has had, in hundredths of a second.
fn ticks(pid: &str) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
fn an_idle_agent_is_small_and_quiet() {
    let node = Node::up("idle");
    let pid = process(&node, "agent").expect("there is an agent");
    // It settles first: what was read at the start is let go.
    eventually("the agent is quiet", LATER, || {
        let (began, before) = (Instant::now(), ticks(&pid));
        stays("the agent lives", Duration::from_secs(5), || fs::exists(format!("/proc/{pid}")).unwrap());
        let used = ticks(&pid) - before;
        println!("an idle agent used {used} hundredths of a second in {:.1} s", began.elapsed().as_secs_f32());
        (used <= 2).then_some(())
    });
    let (all, own) = (kilobytes(&pid, "VmRSS"), kilobytes(&pid, "RssAnon"));
    println!("an idle agent holds {all} kB, {own} kB of it its own");
    // The debug binary's code alone is larger.
    if std::env::var_os("WHARF_BIN").is_some() {
        assert!(all <= MOST, "{all} kB");
    }
}
