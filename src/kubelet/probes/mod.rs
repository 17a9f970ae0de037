//! Probes: what they say of containers, how they are run, and when.
//! <https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/>

mod action;
mod get;
mod grpc;
mod health;
mod hook;
mod http;
mod prober;
mod run;
mod state;
mod target;
mod trust;

pub use hook::http_hook;
pub use prober::{Prober, Remark};
pub use state::{Health, Kind};
pub use target::{Target, targets};
