//! Certificates that a scenario makes for itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;

use super::Ran;

/// A certificate for a host, by name or by address, that is its own authority: its file in the folder, and a Secret of this
/// name that holds it with its key.
#[track_caller]
pub fn certificate(folder: &Path, secret: &str, file: &str, host: &str) -> (PathBuf, String) {
    let (certificate, key) = (folder.join(format!("{file}.pem")), folder.join(format!("{file}.key")));
    let sort = if host.parse::<std::net::IpAddr>().is_ok() { "IP" } else { "DNS" };
    let subject =
        ["-subj", &format!("/CN={host}"), "-addext", &format!("subjectAltName={sort}:{host}")].map(str::to_owned);
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]);
    Ran::of(openssl.args(subject).arg("-out").arg(&certificate).arg("-keyout").arg(&key), "").ok();
    let text = |file: &Path| base64::prelude::BASE64_STANDARD.encode(fs::read(file).unwrap());
    let data = format!("{{tls.crt: {}, tls.key: {}}}", text(&certificate), text(&key));
    let secret =
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: {secret}}}\ntype: kubernetes.io/tls\ndata: {data}\n");
    (certificate, secret)
}
