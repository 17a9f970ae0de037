//! Scenarios on a real Docker engine: each has a node of its own, checks the state first and the output last, and leaves
//! nothing behind. `harness` says how to write one.

#![allow(clippy::unwrap_used, reason = "all of this is tests")]

mod agent;
mod changes;
mod data;
mod engine;
mod harness;
mod ingress;
mod load;
mod nodes;
mod pods;
mod pulls;
mod services;
mod starts;
mod updates;
mod volumes;
