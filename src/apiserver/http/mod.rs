//! HTTP around the verbs: paths, bodies, discovery, watches, and the streams of pods.
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/>

mod answer;
mod asked;
mod body;
mod certificate;
pub mod channels;
mod collection;
mod discovery;
mod exec;
mod follow;
mod forecast;
mod identify;
mod object;
mod openapi;
mod path;
mod query;
mod review;
mod serve;
mod shape;
mod strict;
mod tls;
mod usage;

#[cfg(test)]
mod tests;

pub use serve::{Api, Views, listen, serve};
pub use tls::{TlsError, listen_tls, settings};
