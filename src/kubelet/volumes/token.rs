//! The tokens of a pod's service account that its volumes hold: which are wanted, and when they are renewed.
//! <https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#serviceaccount-token-volume-projection>

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::{Pod, ServiceAccountTokenProjection};

use crate::api::{Object, Timestamp};
use crate::kubelet::missing::Missing;
use crate::kubelet::runtime::Later;

/// A token is renewed after so many hours, however long it lives.
const LONGEST: i64 = 24;
/// The seconds that a token lives where nothing is said.
const DEFAULT_SECONDS: i64 = 3600;

/// A token to ask the API for, bound to a pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenRequest {
    /// The pod's namespace, and its account's.
    pub namespace: String,
    /// The service account.
    pub account: String,
    /// The pod that it is bound to.
    pub pod: String,
    /// The pod's uid.
    pub uid: String,
    /// Who is to accept it; empty for the API itself.
    pub audience: String,
    /// How long it is to live, in seconds.
    pub seconds: i64,
}

/// A token. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// What a program sends.
    pub text: String,
    /// Since when it is good.
    pub issued: Timestamp,
    /// Until when it is good.
    pub expires: Timestamp,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "token from {} to {}", self.issued, self.expires)
    }
}

impl Token {
    /// From when it is to be replaced: when a fifth of its life is left, or after a day.
    fn renewal(&self) -> Timestamp {
        let life = self.expires.duration_since(self.issued);
        self.issued + (life * 4 / 5).min(SignedDuration::from_hours(LONGEST))
    }
}

/// Asks the API for a token; an error is in words.
pub type Ask = Arc<dyn Fn(TokenRequest) -> Later<'static, Result<Token, String>> + Send + Sync>;

/// The tokens that a pod has. All of it can be lost: then new ones are asked for.
#[derive(Debug, Default)]
pub struct Tokens(BTreeMap<TokenRequest, Result<Token, String>>);

impl Tokens {
    /// The tokens to ask for now: those that the pod wants and does not have, or that are to be renewed.
    #[must_use]
    pub fn due(&self, pod: &Pod, now: Timestamp) -> Vec<TokenRequest> {
        let good = |r: &TokenRequest| matches!(self.0.get(r), Some(Ok(token)) if now < token.renewal());
        let volumes = pod.spec.iter().flat_map(|s| s.volumes.iter().flatten());
        let sources = volumes.flat_map(|v| v.projected.iter().flat_map(|p| p.sources.iter().flatten()));
        let mut due: Vec<_> = sources
            .filter_map(|s| s.service_account_token.as_ref())
            .map(|wanted| request(pod, wanted))
            .filter(|r| !good(r))
            .collect();
        due.sort();
        due.dedup();
        due
    }

    /// Takes what the API answered. A token that is still good stays until there is a newer one.
    pub fn put(&mut self, request: TokenRequest, answer: Result<Token, String>, now: Timestamp) {
        let good = matches!(self.0.get(&request), Some(Ok(token)) if now < token.expires);
        if answer.is_ok() || !good {
            self.0.insert(request, answer);
        }
    }

    /// The token of a projection.
    ///
    /// # Errors
    /// Why the API did not give it.
    pub fn get(&self, pod: &Pod, wanted: &ServiceAccountTokenProjection) -> Result<&str, Missing> {
        match self.0.get(&request(pod, wanted)) {
            Some(Ok(token)) => Ok(&token.text),
            Some(Err(error)) => Err(Missing::Token(error.clone())),
            None => Err(Missing::Token("it was not asked for yet".to_owned())),
        }
    }
}

fn request(pod: &Pod, wanted: &ServiceAccountTokenProjection) -> TokenRequest {
    let account = pod.spec.as_ref().and_then(|s| s.service_account_name.as_deref()).filter(|name| !name.is_empty());
    TokenRequest {
        namespace: pod.namespace().to_owned(),
        account: account.unwrap_or("default").to_owned(),
        pod: pod.name().to_owned(),
        uid: pod.uid().to_owned(),
        audience: wanted.audience.clone().unwrap_or_default(),
        seconds: wanted.expiration_seconds.unwrap_or(DEFAULT_SECONDS),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn token(text: &str, issued: i64, expires: i64) -> Token {
        Token { text: text.to_owned(), issued: at(issued), expires: at(expires) }
    }

    #[test]
    fn tokens_are_renewed_before_they_end_and_kept_while_they_are_good() {
        let sources = json!([{"serviceAccountToken": {"path": "a", "expirationSeconds": 1000}},
            {"serviceAccountToken": {"path": "b", "audience": "vault"}}, {"configMap": {"name": "x"}}]);
        let spec = json!({"containers": [], "serviceAccountName": "robot",
            "volumes": [{"name": "v", "projected": {"sources": sources}}, {"name": "w", "projected": {"sources": sources}}]});
        let pod = json!({"metadata": {"name": "web", "namespace": "shop", "uid": "u1"}, "spec": spec});
        let pod: Pod = serde_json::from_value(pod).unwrap();
        let mut tokens = Tokens::default();
        let due = tokens.due(&pod, at(0));
        let shown: Vec<_> = due.iter().map(|r| (r.account.as_str(), r.audience.as_str(), r.seconds)).collect();
        assert_eq!(shown, [("robot", "", 1000), ("robot", "vault", 3600)]);

        let wanted = ServiceAccountTokenProjection { expiration_seconds: Some(1000), ..Default::default() };
        let text = |tokens: &Tokens| tokens.get(&pod, &wanted).map_or_else(|e| e.to_string(), str::to_owned);
        assert_eq!(text(&tokens), "failed to fetch token: it was not asked for yet");
        tokens.put(due[0].clone(), Err("no such account".to_owned()), at(0));
        assert_eq!(text(&tokens), "failed to fetch token: no such account");
        tokens.put(due[0].clone(), Ok(token("one", 0, 1000)), at(0));
        tokens.put(due[1].clone(), Ok(token("year", 0, 365 * 86_400)), at(0));
        assert_eq!((tokens.due(&pod, at(799)), text(&tokens)), (vec![], "one".to_owned()));
        assert_eq!(tokens.due(&pod, at(800)), due[..1], "a fifth of its life is left");
        tokens.put(due[0].clone(), Err("the API is away".to_owned()), at(800));
        assert_eq!(text(&tokens), "one", "it is still good");
        tokens.put(due[0].clone(), Err("the API is away".to_owned()), at(1000));
        assert_eq!(text(&tokens), "failed to fetch token: the API is away");
        tokens.put(due[0].clone(), Ok(token("two", 86_000, 87_000)), at(86_000));
        assert_eq!(tokens.due(&pod, at(86_399)), [], "no day old");
        assert_eq!(tokens.due(&pod, at(86_400)), due[1..]);
        assert!(!format!("{tokens:?}").contains("two"));
    }
}
