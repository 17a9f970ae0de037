//! Pods to containers: observes the engine, plans, and carries the plan out.

pub mod about;
pub mod actions;
pub mod address;
mod admission;
mod ask;
pub mod background;
pub mod backoff;
pub mod container;
mod container_resources;
mod container_status;
mod drain;
pub mod env;
pub mod errand;
mod evict;
pub mod exec;
#[cfg(test)]
pub mod fake;
pub mod find;
#[cfg(test)]
mod fixture;
pub mod follow;
pub mod hands;
mod hooks;
mod image_volumes;
pub mod images;
mod learn;
pub mod limits;
pub mod logs;
pub mod machine;
pub mod meter;
pub mod missing;
pub mod node;
pub mod observe;
pub mod observer;
pub mod orphans;
pub mod plan;
mod pod_conditions;
pub mod policy;
pub mod probes;
pub mod program;
pub mod qos;
pub mod reclaim;
mod run;
pub mod runtime;
pub mod sandbox;
mod seccomp;
pub mod security;
mod start;
pub mod status;
mod stop;
pub mod sync;
pub mod termination;
pub mod volumes;
pub mod worker;

pub use hands::Config;
pub use run::{Followed, Kubelet};
