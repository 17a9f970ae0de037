//! The node's certificate authority: one key that signs the API's certificate and those of its clients.
//! <https://kubernetes.io/docs/setup/best-practices/certificates/>

use std::net::IpAddr;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType, date_time_ymd,
};

use crate::api::Timestamp;

/// How long the authority and the API's certificate last, in days: ten years, as kubeadm's.
const LONG: i64 = 3650;
/// How long a client's certificate lasts, in days: a year, as kubeadm's.
const YEAR: i64 = 365;

/// Why a certificate can't be made or an authority not be read. Keys are never told.
#[derive(Debug, thiserror::Error)]
#[error("the node's certificate authority: {0}")]
pub struct CertificateError(#[from] rcgen::Error);

/// A certificate and its key.
pub struct Pair {
    /// The certificate in PEM.
    pub certificate: String,
    /// The key, PKCS#8 in PEM. It must be kept secret.
    pub key: String,
}

/// The authority of one node.
pub struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A new authority, of the time `now` on.
    ///
    /// # Errors
    /// Without random bytes.
    pub fn generate(node: &str, now: Timestamp) -> Result<Pair, CertificateError> {
        let key = KeyPair::generate()?;
        let mut params = named(node);
        last(&mut params, now, LONG);
        let certificate = params.self_signed(&key)?.pem();
        Ok(Pair { certificate, key: key.serialize_pem() })
    }

    /// An authority that [`Authority::generate`] made.
    ///
    /// # Errors
    /// If the key is none.
    pub fn of(node: &str, pair: Pair) -> Result<Self, CertificateError> {
        let issuer = Issuer::new(named(node), KeyPair::from_pem(&pair.key)?);
        Ok(Self { certificate: pair.certificate, issuer })
    }

    /// The authority's own certificate in PEM, for those who trust it.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A certificate of a server under these names and addresses.
    ///
    /// # Errors
    /// If a name can't be one, or without random bytes.
    pub fn server(&self, names: &[String], addresses: &[IpAddr], now: Timestamp) -> Result<Pair, CertificateError> {
        let mut params = CertificateParams::new(names)?;
        params.subject_alt_names.extend(addresses.iter().map(|a| SanType::IpAddress(*a)));
        params.distinguished_name.push(DnType::CommonName, "kube-apiserver");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        last(&mut params, now, LONG);
        self.sign(params)
    }

    /// A certificate of a user: the common name is the user's, the organisation is their group.
    /// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates>
    ///
    /// # Errors
    /// Without random bytes.
    pub fn client(&self, name: &str, group: &str, now: Timestamp) -> Result<Pair, CertificateError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, group);
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        last(&mut params, now, YEAR);
        self.sign(params)
    }

    fn sign(&self, mut params: CertificateParams) -> Result<Pair, CertificateError> {
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Pair { certificate, key: key.serialize_pem() })
    }
}

/// What the authority of a node says of itself; a certificate names its issuer by it.
fn named(node: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, format!("wharf-{node}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    params
}

/// Makes a certificate good from the day before `now` on, as clocks differ, for so many days.
fn last(params: &mut CertificateParams, now: Timestamp, days: i64) {
    let day = |offset: i64| {
        let at = now.checked_add(jiff::SignedDuration::from_hours(24 * offset)).unwrap_or(now);
        let date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    (params.not_before, params.not_after) = (day(-1), day(days));
}
