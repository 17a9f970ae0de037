//! Scenarios on a real Docker engine: each has a node of its own, checks the state first and the output last, and leaves
//! nothing behind. `harness` says how to write one.

#![allow(clippy::unwrap_used, reason = "all of this is tests")]
#![allow(clippy::print_stdout, reason = "what a failed scenario leaves behind is its transcript")]
#![allow(clippy::needless_raw_string_hashes, reason = "manifests are quoted alike, whether they hold quotes or not")]

mod access;
mod agent;
mod batch;
mod changes;
mod data;
mod downtime;
mod engine;
mod examples;
mod files;
mod full;
mod harness;
mod ingress;
mod load;
mod nodes;
mod placement;
mod pods;
mod private;
mod probes;
mod pulls;
mod rights;
mod rollout;
mod services;
mod small;
mod starts;
mod stateful;
mod steady;
mod storage;
mod updates;
mod volumes;
