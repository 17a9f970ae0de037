//! Who asks, and what they may: tokens and certificates to users, requests to what RBAC is asked.
//! <https://kubernetes.io/docs/reference/access-authn-authz/>

mod authority;
mod signer;

pub use authority::{Authority, CertificateError, Pair};
pub use signer::{KeyError, Signer};
