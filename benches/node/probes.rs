//! What probes cost.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::harness::Node;
use crate::harness::workloads::web;

const TIME: Duration = Duration::from_secs(30);

pub fn run() {
    let node = Node::up("bench-probes");
    node.apply(&web("web", 50));
    let agent = agent(node.own().pid);
    // What the starts left to do is done.
    sleep(Duration::from_secs(10));
    let (began, before) = (Instant::now(), ticks(agent));
    sleep(TIME);
    let share = (ticks(agent) - before) as f64 / 100.0 / began.elapsed().as_secs_f64();
    println!("  {:.2} % of a core over {} s", share * 100.0, TIME.as_secs());
    let status = fs::read_to_string(format!("/proc/{agent}/status")).unwrap();
    let memory = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap_or_default().trim();
    println!("  {memory} resident");
}

/// The agent: the child of the node container's first process.
fn agent(supervisor: u64) -> u64 {
    let children = fs::read_to_string(format!("/proc/{supervisor}/task/{supervisor}/children")).unwrap();
    children.split_whitespace().next().unwrap().parse().unwrap()
}

/// The processor's time that a process has had, in hundredths of a second.
fn ticks(pid: u64) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}
