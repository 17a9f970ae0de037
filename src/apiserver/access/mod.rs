//! Who asks: keys, tokens and certificates, and the users that they stand for.
//! <https://kubernetes.io/docs/reference/access-authn-authz/>

mod authority;
mod peer;
mod signer;

pub use authority::{Authority, CertificateError, Pair};
pub use peer::{Peer, certified};
pub use signer::{KeyError, Signer};
