//! Pods to containers: observes the engine, plans, and carries the plan out.

pub mod env;
pub mod exec;
pub mod find;
pub mod logs;
pub mod probes;
pub mod runtime;
pub mod volumes;
