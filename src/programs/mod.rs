//! The small programs in wharf's image: what the containers of a node run as their first process, and the bridges into
//! them.

mod dial_stdio;
mod fill;
mod hello;
mod pause;
mod program;
mod publish;
mod supervise;

pub use pause::Resolver;
pub use program::Program;
pub use publish::Publish;
