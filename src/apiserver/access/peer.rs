//! Who is at the other end of a connection, as far as the connection itself says.

use crate::api::rbac::User;

/// The other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Whoever can open the agent's own socket: root on the Docker host in effect.
    Local,
    /// Somebody over TLS, with the user of their certificate if they showed one that the node's authority signed.
    Far(Option<User>),
}

/// The user that a client's certificate names; it must have been checked against the authority before. The common name
/// is the user's, the organisations are the groups; `None` without a common name.
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates>
#[must_use]
pub fn certified(certificate: &[u8]) -> Option<User> {
    /// The OIDs 2.5.4.3 and 2.5.4.10, <https://www.rfc-editor.org/rfc/rfc5280#appendix-A.1>.
    const COMMON_NAME: &[u8] = &[0x55, 4, 3];
    const ORGANIZATION: &[u8] = &[0x55, 4, 10];
    let (mut names, mut groups) = (Vec::new(), Vec::new());
    for set in Der(subject(certificate)?) {
        for pair in Der(set.1) {
            let mut parts = Der(pair.1);
            let (kind, text) = (parts.next()?.1, String::from_utf8(parts.next()?.1.to_vec()).ok()?);
            match kind {
                COMMON_NAME => names.push(text),
                ORGANIZATION => groups.push(text),
                _ => {}
            }
        }
    }
    Some(User::authenticated(names.last().filter(|n| !n.is_empty())?, groups))
}

/// The content of a certificate's subject. <https://www.rfc-editor.org/rfc/rfc5280#section-4.1>
fn subject(certificate: &[u8]) -> Option<&[u8]> {
    const VERSION: u8 = 0xa0;
    let signed = Der(Der(certificate).next()?.1).next()?.1;
    let mut fields = Der(signed).filter(|(tag, _)| *tag != VERSION);
    // Serial number, algorithm, issuer, validity.
    fields.nth(4).map(|(_, content)| content)
}

/// The values that stand one after the other in DER: tag and content. Ends at what is no value.
struct Der<'a>(&'a [u8]);

impl<'a> Iterator for Der<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (tag, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = if *first < 0x80 {
            (usize::from(*first), rest)
        } else {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f)).filter(|(b, _)| b.len() <= 4)?;
            (bytes.iter().fold(0, |length, b| length << 8 | usize::from(*b)), rest)
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, content))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    use super::*;
    use crate::api::Timestamp;
    use crate::apiserver::access::Authority;

    #[test]
    fn a_certificate_names_user_and_groups() {
        let now = Timestamp::now();
        let authority = Authority::of("test", Authority::generate("test", now).unwrap()).unwrap();
        let pair = authority.client("ann", "team", now).unwrap();
        let der = CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap();
        let user = certified(&der).unwrap();
        assert_eq!(
            (user.name.as_str(), user.groups),
            ("ann", vec!["team".to_owned(), "system:authenticated".to_owned()])
        );
        for cut in 0..der.len() {
            let _ = certified(&der[..cut]); // never a panic
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = certified(&bytes);
        }
    }
}
