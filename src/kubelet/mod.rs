//! Pods to containers: observes the engine, plans, and carries the plan out.

pub mod runtime;
