//! Images: what their names mean, whether one must be pulled, with whose credentials, and the pulls themselves.

mod credentials;
mod fetch;
mod keyring;
mod missing;
mod name;
mod need;
mod pulls;
mod secrets;

pub use credentials::{Credentials, entries};
pub use fetch::{Wanted, fetch};
pub use keyring::Keyring;
pub use missing::{LOOK, missing};
pub use name::{is_name, registry, repository};
pub use need::{Need, need};
pub use pulls::Pulls;
pub use secrets::{Secrets, fingerprint, secrets};
