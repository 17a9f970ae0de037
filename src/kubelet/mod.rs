//! Pods to containers: observes the engine, plans, and carries the plan out.

pub mod env;
pub mod runtime;
pub mod volumes;
