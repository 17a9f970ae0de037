//! Tokens of service accounts: made on request, and checked. One that is bound to an object ends with it.
//! <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/>

use k8s_openapi::api::core::v1::{Node, Pod, Secret, ServiceAccount};
use serde_json::{Value, json};

use super::metadata;
use super::server::Rest;
use crate::api::names::CLUSTER_DOMAIN;
use crate::api::object::meta;
use crate::api::rbac::User;
use crate::api::{Key, Kind, Problem, Timestamp};
use crate::apiserver::Error;

/// The seconds that a token lives which names no other.
const USUAL: i64 = 3600;
/// The shortest life of a token, in seconds.
const SHORTEST: i64 = 600;
/// The longest life of a token, in seconds.
const LONGEST: i64 = 1 << 32;
/// How much longer a token lives than the pod that was told to end, in seconds.
const LEEWAY: i64 = 60;

/// The issuer of the node's tokens, and the audience of those that name none: the API itself.
#[must_use]
pub fn issuer() -> String {
    format!("https://kubernetes.default.svc.{CLUSTER_DOMAIN}")
}

impl Rest {
    /// A token for a service account, as the TokenRequest asks; the request comes back with its status.
    ///
    /// # Errors
    /// As Kubernetes: there is no such account or bound object, or the request can't be granted; [`Error::Unavailable`] if
    /// the server has no key.
    pub fn token(&self, account: &Key, request: Value) -> Result<Value, Error> {
        let signer = self.signer().ok_or_else(|| Error::Unavailable("the server has no key for tokens".into()))?;
        let mut request = if request.is_null() { json!({}) } else { request };
        fit(&mut request)?;
        let stored = self.get(account)?;
        let seconds = lifetime(account, &request["spec"]["expirationSeconds"])?;
        if request["spec"]["audiences"].as_array().is_none_or(Vec::is_empty) {
            request["spec"]["audiences"] = json!([issuer()]);
        }
        request["spec"]["expirationSeconds"] = seconds.into();
        let now = Timestamp::now();
        let end = now.as_second().saturating_add(seconds);
        let identity = |object: &Value| json!({"name": meta(object, "name"), "uid": meta(object, "uid")});
        let mut private = json!({"namespace": account.namespace, "serviceaccount": identity(&stored)});
        if let Some((word, object)) = self.bound(account, &request["spec"]["boundObjectRef"])? {
            private[word] = identity(&object);
            if let Some(node) = object["spec"]["nodeName"].as_str().filter(|_| word == "pod") {
                private["node"] = json!({"name": node});
                if let Ok(node) = self.get(&Key::new(Kind::of::<Node>(), "", node)) {
                    private["node"] = identity(&node);
                }
            }
        }
        let id = metadata::new_uid().map_err(|e| Error::Unavailable(format!("no random bytes for a token: {e}")))?;
        let claims = json!({
            "aud": request["spec"]["audiences"], "exp": end, "iat": now.as_second(), "nbf": now.as_second(), "jti": id,
            "iss": issuer(), "kubernetes.io": private, "sub": User::account_name(&account.namespace, &account.name),
        });
        let token = signer.sign(&claims).map_err(|e| Error::Unavailable(e.to_string()))?;
        let expires = Timestamp::from_second(end).map(metadata::time).unwrap_or_default();
        request["status"] = json!({"token": token, "expirationTimestamp": expires});
        request["metadata"] = json!({
            "name": account.name, "namespace": account.namespace, "creationTimestamp": metadata::time(now),
        });
        Ok(request)
    }

    /// The object that a token is to be bound to, with the word for it in the token's claims.
    fn bound(&self, account: &Key, reference: &Value) -> Result<Option<(&'static str, Value)>, Error> {
        if reference.is_null() {
            return Ok(None);
        }
        let text = |field: &str| reference[field].as_str().unwrap_or_default();
        let (word, kind, namespace) = match (text("apiVersion"), text("kind")) {
            ("v1" | "", "Pod") => ("pod", Kind::of::<Pod>(), account.namespace.as_str()),
            ("v1" | "", "Secret") => ("secret", Kind::of::<Secret>(), account.namespace.as_str()),
            ("v1" | "", "Node") => ("node", Kind::of::<Node>(), ""),
            (version, kind) => {
                return Err(Error::BadRequest(format!(
                    "cannot bind token to object of type {version}, Kind={kind}: must be a Pod, a Secret or a Node"
                )));
            }
        };
        let object = self.get(&Key::new(kind, namespace, text("name")))?;
        let (wanted, found) = (text("uid"), meta(&object, "uid"));
        if !wanted.is_empty() && wanted != found {
            let why = format!(
                "the UID in the bound object reference ({wanted}) does not match the UID in record. \
                 The object might have been deleted and then recreated"
            );
            return Err(Error::Conflict(Key::new(kind, namespace, text("name")), why));
        }
        if word == "pod" && object["spec"]["serviceAccountName"].as_str() != Some(&account.name) {
            return Err(Error::BadRequest(format!(
                "cannot bind token for serviceaccount \"{}\" to pod running with different serviceaccount name.",
                account.name
            )));
        }
        Ok(Some((word, object)))
    }

    /// Who a token belongs to, if it is one of this server's for one of the audiences (the API itself where there are
    /// none), neither too young nor too old at `now`, and what it is bound to is there; with the audiences that it is for.
    ///
    /// # Errors
    /// Why the token counts for nothing, without any of its text.
    pub fn whose_token(
        &self,
        token: &str,
        audiences: &[String],
        now: Timestamp,
    ) -> Result<(User, Vec<String>), String> {
        let claims = self.signer().and_then(|s| s.claims(token)).ok_or("the token was not issued here")?;
        let (now, second) = (now.as_second(), |name: &str| claims[name].as_i64());
        if claims["iss"] != issuer() || second("exp").is_none_or(|end| now >= end) {
            return Err("the token has expired".into());
        }
        if second("nbf").is_none_or(|start| now < start) {
            return Err("the token is not valid yet".into());
        }
        let own = [issuer()];
        let wanted = if audiences.is_empty() { own.as_slice() } else { audiences };
        let mut fit: Vec<String> = serde_json::from_value(claims["aud"].clone()).unwrap_or_default();
        fit.retain(|a| wanted.contains(a));
        if fit.is_empty() {
            return Err("the token is for another audience".into());
        }
        let private = &claims["kubernetes.io"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (namespace, account) = (text(&private["namespace"]), text(&private["serviceaccount"]["name"]));
        self.alive(Kind::of::<ServiceAccount>(), &namespace, &private["serviceaccount"], now)?;
        let mut user = User::account(&namespace, &account, &text(&private["serviceaccount"]["uid"]));
        for (word, kind) in [("pod", Kind::of::<Pod>()), ("secret", Kind::of::<Secret>()), ("node", Kind::of::<Node>())]
        {
            let bound = &private[word];
            if bound.is_null() {
                continue;
            }
            // A pod's token names its node too, which it does not depend on.
            if word != "node" || private["pod"].is_null() {
                self.alive(kind, &namespace, bound, now)?;
            }
            for field in ["name", "uid"].into_iter().filter(|_| word != "secret") {
                user.extra.insert(format!("authentication.kubernetes.io/{word}-{field}"), vec![text(&bound[field])]);
            }
        }
        let id = format!("JTI={}", text(&claims["jti"]));
        user.extra.insert("authentication.kubernetes.io/credential-id".to_owned(), vec![id]);
        Ok((user, fit))
    }

    /// Whether the object that a claim names is still the same one, and not long on its way out.
    fn alive(&self, kind: &'static Kind, namespace: &str, claim: &Value, now: i64) -> Result<(), String> {
        let name = claim["name"].as_str().unwrap_or_default();
        let object = self.get(&Key::new(kind, namespace, name)).map_err(|e| e.to_string())?;
        let end: Option<Timestamp> = meta(&object, "deletionTimestamp").parse().ok();
        if claim["uid"] != meta(&object, "uid") || end.is_some_and(|end| now > end.as_second() + LEEWAY) {
            return Err(format!("the {} \"{name}\" of the token is gone", kind.kind));
        }
        Ok(())
    }
}

/// Checks that a body is a TokenRequest.
fn fit(request: &mut Value) -> Result<(), Error> {
    if !request.is_object() || !(request["spec"].is_object() || request["spec"].is_null()) {
        return Err(Error::BadRequest("the body is not a TokenRequest".into()));
    }
    for (field, expected) in [("apiVersion", "authentication.k8s.io/v1"), ("kind", "TokenRequest")] {
        match request[field].as_str() {
            None | Some("") => request[field] = expected.into(),
            Some(found) if found == expected => {}
            Some(found) => {
                return Err(Error::BadRequest(format!(
                    "{field} of the body is {found}, that of the path is {expected}"
                )));
            }
        }
    }
    Ok(())
}

fn lifetime(account: &Key, wanted: &Value) -> Result<i64, Error> {
    let seconds = if wanted.is_null() { USUAL } else { wanted.as_i64().unwrap_or_default() };
    let refuse = |why: &str| {
        let problem = Problem::invalid("spec.expirationSeconds", format!("{wanted}: {why}"));
        Err(Error::Invalid(account.clone(), vec![problem]))
    };
    match seconds {
        ..SHORTEST => refuse("may not specify a duration less than 10 minutes"),
        SHORTEST..=LONGEST => Ok(seconds),
        _ => refuse("may not specify a duration larger than 2^32 seconds"),
    }
}
