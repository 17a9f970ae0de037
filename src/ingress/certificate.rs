//! Certificates out of Secrets: only what nginx can surely load, as one bad file would keep all hosts from changing.

use k8s_openapi::api::core::v1::Secret;
use rustls::InconsistentKeys;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::api::{Object, names};

/// A certificate with its chain, and its key.
pub struct Pair {
    /// The name of both files, without `.pem` and `.key`; other content has another name.
    pub name: String,
    /// The chain in PEM.
    pub certificate: Vec<u8>,
    /// The key in PEM.
    pub key: Vec<u8>,
}

/// The certificate of a Secret of type `kubernetes.io/tls`.
///
/// # Errors
/// Why it can't be used; never with a value in the words.
pub fn of(secret: &Secret) -> Result<Pair, String> {
    let value = |key: &str| {
        let value = secret.data.as_ref().and_then(|d| d.get(key)).map(|v| v.0.clone());
        value.ok_or_else(|| format!("it has no {key}"))
    };
    let (certificate, key) = (value("tls.crt")?, value("tls.key")?);
    check(&certificate, &key)?;
    let digest = names::digest(&[certificate.as_slice(), &key].concat(), 8);
    Ok(Pair { name: format!("{}-{}-{digest}", secret.namespace(), secret.name()), certificate, key })
}

fn check(certificate: &[u8], key: &[u8]) -> Result<(), String> {
    let chain = CertificateDer::pem_slice_iter(certificate).collect::<Result<Vec<_>, _>>();
    let chain = chain.ok().filter(|c| !c.is_empty()).ok_or("tls.crt holds no certificate in PEM")?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| "tls.key holds no private key in PEM")?;
    match CertifiedKey::from_der(chain, key, &ring::default_provider()) {
        Ok(_) => Ok(()),
        Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            Err("tls.key is not the key of tls.crt".to_owned())
        }
        Err(rustls::Error::InvalidCertificate(_)) => Err("tls.crt holds a certificate that can't be read".to_owned()),
        Err(_) => {
            Err("tls.key can't be read, or is none of RSA from 2048 bits, ECDSA P-256 or P-384, Ed25519".to_owned())
        }
    }
}
