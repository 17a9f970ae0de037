//! Certificates: one that fits its key is served, one that doesn't is told of.

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use serde_json::{Value, json};

use super::{ingress, path, rule, service, view};
use crate::api::{Object, View};
use crate::ingress::ir::Host;
use crate::ingress::translate::translate;

fn secret(key: &[u8]) -> Value {
    let data = [("tls.crt", &include_bytes!("tls/a.pem")[..]), ("tls.key", key)];
    let data = data.map(|(name, bytes)| (name.to_owned(), ByteString(bytes.to_vec())));
    let mut secret = Secret { data: Some(data.into()), ..Secret::default() }.to_value();
    secret["metadata"] = json!({"name": "tls"});
    secret
}

fn with(secret: Value) -> View {
    let tls = json!({"tls": [{"hosts": ["a.io"], "secretName": "tls"}], "rules": [rule("a.io", &[path("/", "Prefix", "front")])]});
    view(&[vec![ingress("web", tls), secret], service("front", &["10.0.0.1"]).to_vec()].concat())
}

#[test]
fn a_good_one_is_served_under_a_name_of_its_content() {
    let ir = translate(&with(secret(include_bytes!("tls/a.key"))));
    assert_eq!(ir.problems, []);
    let name = ir.servers[&Host::Name("a.io".to_owned())].certificate.clone().unwrap();
    assert!(name.starts_with("shop-tls-") && name.len() == "shop-tls-".len() + 8, "{name}");
    assert_eq!(ir.certificates.into_keys().collect::<Vec<_>>(), [format!("{name}.key"), format!("{name}.pem")]);
}

#[test]
fn one_with_another_key_leaves_the_host_without_tls() {
    for (key, why) in [
        (&include_bytes!("tls/other.key")[..], "tls.key is not the key of tls.crt"),
        (b"-----BEGIN NOTHING-----", "tls.key holds no private key in PEM"),
    ] {
        let ir = translate(&with(secret(key)));
        assert_eq!(ir.problems[0].message, format!("Secret shop/tls can't be used for TLS: {why}"));
        assert_eq!(ir.servers[&Host::Name("a.io".to_owned())].certificate, None);
        assert!(ir.certificates.is_empty());
    }
}
