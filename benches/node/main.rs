//! How fast wharf is, in ratios to the bare engine or to Compose within one run. By hand, on an idle machine:
//! `tests/bench.sh [NAME…]`, with the names below. Nothing here asserts: it prints, and the README tells of it.

#![allow(clippy::unwrap_used, reason = "a measurement that fails has no result")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints")]
#![allow(clippy::cast_precision_loss, reason = "figures of three digits are enough")]
#![allow(dead_code, unused_imports, reason = "the harness has more than is needed here")]
#![allow(clippy::needless_raw_string_hashes, reason = "as in the scenarios, whose harness this is")]

mod again;
mod bare;
mod compose;
mod execs;
#[path = "../../tests/docker/harness/mod.rs"]
mod harness;
mod live;
mod pods;
mod probes;
mod replicas;
mod revive;

use std::time::Duration;

const ALL: &[(&str, &str, fn())] = &[
    ("pods", "50 pods against the same containers by the bare engine", pods::run),
    ("probes", "the agent's share of a core with 50 pods, each with one http probe a second", probes::run),
    ("execs", "a probe's exec against the bare engine's", execs::run),
    ("again", "a second apply of 50 Deployments and 50 Services against Compose's of 50 services", again::run),
    ("revive", "from the kill of a container to the pod's being ready again", revive::run),
    ("replicas", "from apply to 20 ready pods of one Deployment against Compose's 20 replicas", replicas::run),
];

fn main() {
    // `cargo test` adds options of its own.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    for name in wanted.iter().filter(|name| !ALL.iter().any(|(n, ..)| n == name)) {
        eprintln!("there is no benchmark {name}");
    }
    for (name, what, run) in ALL.iter().filter(|(name, ..)| wanted.is_empty() || wanted.iter().any(|w| w == name)) {
        println!("\n{name}: {what}");
        run();
    }
}

/// The middle one, and the least and the most, in milliseconds.
fn told(mut times: Vec<Duration>) -> (Duration, String) {
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let (least, middle, most) = (times[0], times[times.len() / 2], times[times.len() - 1]);
    (middle, format!("{:.1} ms (of {}: {:.1} to {:.1})", ms(middle), times.len(), ms(least), ms(most)))
}

/// An engine's runtime for one measurement.
fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(work)
}
