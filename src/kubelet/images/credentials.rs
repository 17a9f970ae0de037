//! Credentials for a registry, and how Docker's configuration writes them.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Serialize};

/// Who asks a registry for an image. Nothing of it is ever shown.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Credentials {
    /// The name of the user.
    pub username: String,
    /// The password.
    pub password: String,
    /// What a login by other means gave in place of a password.
    #[serde(rename = "identitytoken", skip_serializing_if = "String::is_empty")]
    pub identity_token: String,
    /// A token that the registry itself takes.
    #[serde(rename = "registrytoken", skip_serializing_if = "String::is_empty")]
    pub registry_token: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

impl Credentials {
    /// Whether there is nothing in them.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The entry of a registry: name and password may also be joined and coded in `auth`.
#[derive(Deserialize)]
struct Entry {
    #[serde(flatten)]
    credentials: Credentials,
    #[serde(default)]
    auth: String,
}

/// The entries of a map from registries to credentials, as in `auths` of Docker's `config.json`; `None` if it is no
/// such map. <https://github.com/kubernetes/kubernetes/blob/master/pkg/credentialprovider/config.go>
#[must_use]
pub fn entries(json: &serde_json::Value) -> Option<BTreeMap<String, Credentials>> {
    let all = BTreeMap::<String, Entry>::deserialize(json).ok()?;
    all.into_iter().map(|(registry, entry)| Some((registry, entry.read()?))).collect()
}

impl Entry {
    fn read(self) -> Option<Credentials> {
        if self.auth.is_empty() {
            return Some(self.credentials);
        }
        let either = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let decoded = GeneralPurpose::new(&STANDARD, either).decode(self.auth.trim()).ok()?;
        let text = String::from_utf8(decoded).ok()?;
        let (username, password) = text.split_once(':')?;
        // Docker writes such zeros after a password.
        let password = password.trim_end_matches('\0').to_owned();
        Some(Credentials { username: username.to_owned(), password, ..self.credentials })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn credentials_are_read_as_docker_writes_them_and_never_shown() {
        let coded = base64::engine::general_purpose::STANDARD.encode("ann:se:cret");
        let all = json!({
            "a": {"auth": coded.trim_end_matches('=')},
            "b": {"username": "bob", "password": "p", "email": "b@c"},
            "c": {"auth": coded, "identitytoken": "t"},
            "d": {},
        });
        let all = entries(&all).unwrap();
        let told = |c: &Credentials| format!("{}/{}/{}", c.username, c.password, c.identity_token);
        assert_eq!(all.values().map(told).collect::<Vec<_>>(), ["ann/se:cret/", "bob/p/", "ann/se:cret/t", "//"]);
        assert!(all["d"].is_empty());
        assert_eq!(format!("{:?}", all["a"]), "Credentials(…)");
        assert!(entries(&json!({"a": {"auth": "?"}})).is_none());
        assert!(entries(&json!([])).is_none());
    }
}
