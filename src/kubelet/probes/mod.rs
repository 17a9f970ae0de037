//! Probes: what they say of containers, how they are run, and when.
//! <https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/>

mod action;
mod http;
mod prober;
mod run;
mod state;
mod target;

pub use action::Get;
pub use http::status;
pub use prober::{Prober, Unhealthy};
pub use state::{Health, Kind};
pub use target::{Target, targets};
