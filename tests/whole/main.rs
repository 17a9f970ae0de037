//! The whole without Docker: the built binary against an agent that runs in this process on an engine in memory; and
//! parts of an agent with each other.

#![allow(clippy::unwrap_used, reason = "all of this crate is tests")]

mod apply;
mod bad_input;
mod change;
mod control;
mod create;
mod delete;
mod diff;
#[path = "../../src/kubelet/fake.rs"]
#[allow(dead_code, reason = "the kubelet's own tests use the rest")]
mod fake;
mod kubectl;
mod names;
mod node;
mod prune;
mod restart;
mod rollback;
mod rollout;
mod show;
mod surface;

// What the engine in memory names by its place in the crate.
use wharf::api;
use wharf::kubelet::{runtime, volumes};
