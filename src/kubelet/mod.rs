//! Pods to containers: observes the engine, plans, and carries the plan out.

pub mod actions;
pub mod backoff;
mod container_status;
pub mod observe;
pub mod plan;
pub mod policy;
pub mod probes;
pub mod qos;
pub mod runtime;
pub mod status;
