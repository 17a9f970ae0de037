//! Names of services and pods; everything else is forwarded.
//!
//! [`observe`] selects Services, EndpointSlices and Pods, [`translate`] makes a [`zone::Zone`] of them as
//! <https://github.com/kubernetes/dns/blob/master/docs/specification.md> says, [`answer`] looks a question up in it.

pub mod answer;
pub mod cache;
pub mod encode;
pub mod error;
pub mod forward;
pub mod observe;
pub mod run;
pub mod serve;
pub mod translate;
pub mod upstreams;
pub mod zone;

pub use error::Error;
pub use run::{Config, run};
pub use translate::golden;
pub use upstreams::upstreams;

#[cfg(test)]
mod tests;
