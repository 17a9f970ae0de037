//! What Kubernetes refuses in a Secret. No message ever holds a value.

use k8s_openapi::api::core::v1::Secret;

use super::field::immutable;
use super::{data, meta, name};
use crate::api::Problem;

/// The problems of a secret.
pub fn secret(secret: &Secret, old: Option<&Secret>) -> Vec<Problem> {
    let mut problems = meta::meta(&secret.metadata, name::subdomain);
    let values = secret.data.iter().flatten();
    problems.extend(data::keys("data", values.clone().map(|(k, _)| k)));
    problems.extend(data::size("data", values.map(|(_, v)| v.0.len()).sum()));
    problems.extend(typed(secret));
    if let Some(old) = old {
        problems.extend(immutable("type", &secret.type_, Some(&old.type_)));
        let fixed = old.immutable == Some(true);
        problems.extend(data::frozen("immutable", fixed, &secret.immutable, &old.immutable));
        problems.extend(data::frozen("data", fixed, &secret.data, &old.data));
    }
    problems
}

/// The keys that a type promises. <https://kubernetes.io/docs/concepts/configuration/secret/#secret-types>
fn typed(secret: &Secret) -> Vec<Problem> {
    let value = |key: &str| secret.data.as_ref().and_then(|d| d.get(key));
    let missing = |key: &str| value(key).is_none().then(|| Problem::required(format!("data[{key}]"), ""));
    let json = |key: &str| {
        let bad = value(key).filter(|v| serde_json::from_slice::<serde_json::Value>(&v.0).is_err());
        bad.map(|_| Problem::invalid(format!("data[{key}]"), "\"<secret contents redacted>\": must be valid JSON"))
    };
    match secret.type_.as_deref().unwrap_or_default() {
        "kubernetes.io/tls" => ["tls.crt", "tls.key"].into_iter().filter_map(missing).collect(),
        "kubernetes.io/dockerconfigjson" => {
            let key = ".dockerconfigjson";
            missing(key).or_else(|| json(key)).into_iter().collect()
        }
        "kubernetes.io/dockercfg" => missing(".dockercfg").or_else(|| json(".dockercfg")).into_iter().collect(),
        "kubernetes.io/basic-auth" if value("username").is_none() && value("password").is_none() => {
            ["username", "password"].into_iter().filter_map(missing).collect()
        }
        "kubernetes.io/ssh-auth" => missing("ssh-privatekey").into_iter().collect(),
        _ => Vec::new(),
    }
}
