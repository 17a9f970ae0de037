//! Signs and checks tokens: JSON Web Tokens with ES256. <https://www.rfc-editor.org/rfc/rfc7519>

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Why a key can't be used or made. What is in it is never told.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The bytes are no key.
    #[error("the key of the node's tokens is damaged: {0}")]
    Damaged(String),
    /// The system has no random bytes.
    #[error("no random bytes for a key or a signature")]
    Random,
}

/// The key that a node's tokens are signed with.
pub struct Signer {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    id: String,
}

impl Signer {
    /// A new key, as PKCS#8 in DER. It must be kept secret.
    ///
    /// # Errors
    /// Without random bytes.
    pub fn generate() -> Result<Vec<u8>, KeyError> {
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        Ok(made.map_err(|_| KeyError::Random)?.as_ref().to_vec())
    }

    /// A signer with a key that [`Signer::generate`] made.
    ///
    /// # Errors
    /// If the bytes are no such key.
    pub fn of(pkcs8: &[u8]) -> Result<Self, KeyError> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &random);
        let pair = pair.map_err(|e| KeyError::Damaged(e.to_string()))?;
        let id = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(pair.public_key().as_ref()));
        Ok(Self { pair, random, id })
    }

    /// The claims as a signed token.
    ///
    /// # Errors
    /// Without random bytes.
    pub fn sign(&self, claims: &Value) -> Result<String, KeyError> {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&json!({"alg": "ES256", "kid": self.id})), part(claims));
        let signature = self.pair.sign(&self.random, text.as_bytes()).map_err(|_| KeyError::Random)?;
        Ok(format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The claims of a token that this key signed; `None` for any other text. Times and audiences are not looked at.
    #[must_use]
    pub fn claims(&self, token: &str) -> Option<Value> {
        let (text, signature) = token.rsplit_once('.')?;
        let (header, claims) = text.split_once('.')?;
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
        let header: Value = serde_json::from_slice(&decode(header)?).ok()?;
        // The header's word for the algorithm is never followed: <https://www.rfc-editor.org/rfc/rfc8725#section-3.1>.
        if header["alg"] != "ES256" || header["kid"] != self.id.as_str() {
            return None;
        }
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.pair.public_key());
        key.verify(text.as_bytes(), &decode(signature)?).ok()?;
        serde_json::from_slice(&decode(claims)?).ok()
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn signer() -> Signer {
        Signer::of(&Signer::generate().unwrap()).unwrap()
    }

    #[test]
    fn only_the_key_that_signed_a_token_reads_it() {
        let (mine, other) = (signer(), signer());
        let claims = json!({"sub": "system:serviceaccount:shop:web", "exp": 1});
        let token = mine.sign(&claims).unwrap();
        assert_eq!(mine.claims(&token), Some(claims));
        assert_eq!(other.claims(&token), None);
        let (head, signature) = token.rsplit_once('.').unwrap();
        let forged = BASE64_URL_SAFE_NO_PAD.encode(r#"{"sub":"admin"}"#);
        let (header, _) = head.split_once('.').unwrap();
        assert_eq!(mine.claims(&format!("{header}.{forged}.{signature}")), None, "the claims are signed");
        let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        assert_eq!(mine.claims(&format!("{none}.{forged}.")), None, "an unsigned token is no token");
    }

    #[test]
    fn a_damaged_key_is_told_without_its_bytes() {
        let mut key = Signer::generate().unwrap();
        key.truncate(20);
        assert!(Signer::of(&key).unwrap_err().to_string().starts_with("the key of the node's tokens is damaged"));
    }

    proptest! {
        #[test]
        fn no_text_is_taken_for_a_token(text in "[ -~]{0,60}(\\.[A-Za-z0-9_-]{0,40}){0,3}") {
            prop_assert_eq!(signer().claims(&text), None);
        }
    }
}
