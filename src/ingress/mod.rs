//! Ingress objects → one nginx configuration, kept current in an ordinary pod.
//!
//! [`observe`] picks what is ours out of the view, [`translate`] turns it into plain data ([`ir`]), [`render`] into the
//! text of `templates/nginx.conf`. [`plan`] decides which objects must be in the API for it, [`reload`] what nginx must
//! be told, and [`run`](run()) does both.

mod certificate;
mod config;
mod exec;
mod ir;
mod objects;
mod observe;
mod path;
mod plan;
mod reload;
mod render;
mod run;
mod translate;
mod upstream;

#[cfg(test)]
mod tests;

pub use config::Config;
pub use exec::{Exec, Output};
pub use render::configuration;
pub use run::{kinds, run};
