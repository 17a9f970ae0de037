//! The environment of a container: resolved from the manifest and its references, and kept as an env file.

mod expand;
mod file;
mod reference;
mod resolve;
mod services;

pub use expand::{expand, expand_text};
pub use file::{read_file, render_file, write_file};
pub use reference::resource;
pub use resolve::{Facts, resolve};
