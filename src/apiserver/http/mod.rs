//! HTTP around the verbs: paths, bodies, discovery, watches, and the streams of pods.
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/>

mod answer;
mod body;
pub mod channels;
mod discovery;
mod exec;
mod forecast;
mod path;
mod query;
mod serve;
mod usage;
mod verbs;

#[cfg(test)]
mod tests;

pub use serve::{Api, listen, serve};
