//! `wharf set`: images, environment and resources of the containers of a workload.

mod env;
mod image;
mod pod_spec;
mod resources;
mod run;

pub use run::run;
