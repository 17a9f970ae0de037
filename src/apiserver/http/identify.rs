//! Who sends a request, and as whom: credentials, then impersonation.
//! <https://kubernetes.io/docs/reference/access-authn-authz/authentication/>

use std::collections::BTreeMap;

use hyper::header::{AUTHORIZATION, HeaderMap};

use super::Api;
use crate::api::Timestamp;
use crate::api::rbac::{Asked, User, decide};
use crate::apiserver::Error;
use crate::apiserver::access::Peer;

impl Api {
    /// The user that a request is from: that of the connection, or that of the bearer token; whom it impersonates, if it
    /// may.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] for a token that counts for nothing; [`Error::Denied`] for an impersonation that RBAC does
    /// not grant.
    pub(super) async fn identify(&self, headers: &HeaderMap, peer: &Peer) -> Result<User, Error> {
        let user = match peer {
            Peer::Local => User::admin(),
            Peer::Far(Some(user)) => user.clone(),
            Peer::Far(None) => match bearer(headers) {
                Some(token) => {
                    let whose =
                        move |rest: &crate::apiserver::Rest| Ok(rest.whose_token(&token, &[], Timestamp::now()));
                    let found = self.rest.run(whose).await?;
                    found.map(|(user, _)| user).map_err(|why| {
                        tracing::debug!(why, "a token was refused");
                        Error::Unauthorized
                    })?
                }
                None => User::anonymous(),
            },
        };
        let Some(other) = impersonated(headers)? else { return Ok(user) };
        for asked in impersonation(&other) {
            if !decide(&(self.view)(), &user, &asked).allowed {
                return Err(Error::denied(&user, &asked));
            }
        }
        Ok(other.with_usual_groups())
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()).then(|| token.trim().to_owned())
}

/// Whom the headers ask to be taken for. <https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/>
fn impersonated(headers: &HeaderMap) -> Result<Option<User>, Error> {
    const EXTRA: &str = "impersonate-extra-";
    let all = |name: &str| headers.get_all(name).iter().filter_map(|v| v.to_str().ok()).map(str::to_owned);
    let mut extra = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in headers {
        if let (Some(key), Ok(value)) = (name.as_str().strip_prefix(EXTRA), value.to_str()) {
            extra.entry(key.replace("%2f", "/")).or_default().push(value.to_owned());
        }
    }
    let groups: Vec<_> = all("impersonate-group").collect();
    let uid = all("impersonate-uid").next().unwrap_or_default();
    match all("impersonate-user").next().filter(|name| !name.is_empty()) {
        Some(name) => Ok(Some(User { name, uid, groups, extra })),
        None if groups.is_empty() && uid.is_empty() && extra.is_empty() => Ok(None),
        None => Err(Error::BadRequest("groups, uid and extra can't be impersonated without a user".into())),
    }
}

/// All that must be granted to be taken for a user.
fn impersonation(user: &User) -> Vec<Asked> {
    let verb = "impersonate";
    let account = user.name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
    let mut all = vec![match account {
        Some((namespace, name)) => Asked::resource(verb, "", "serviceaccounts", namespace, name),
        None => Asked::resource(verb, "", "users", "", &user.name),
    }];
    all.extend(user.groups.iter().map(|group| Asked::resource(verb, "", "groups", "", group)));
    let own = "authentication.k8s.io";
    if !user.uid.is_empty() {
        all.push(Asked::resource(verb, own, "uids", "", &user.uid));
    }
    for (key, values) in &user.extra {
        let resource = format!("userextras/{key}");
        all.extend(values.iter().map(|value| Asked::resource(verb, own, &resource, "", value)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (hyper::header::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn headers_name_whom_to_be_taken_for() {
        assert_eq!(impersonated(&headers(&[])).unwrap(), None);
        let given = headers(&[("impersonate-user", "ann"), ("impersonate-group", "a"), ("impersonate-group", "b")]);
        let user = impersonated(&given).unwrap().unwrap();
        assert_eq!((user.name.as_str(), user.groups.len()), ("ann", 2));
        assert_eq!(impersonation(&user).len(), 3, "user and groups are granted one by one");
        assert!(impersonated(&headers(&[("impersonate-group", "system:masters")])).is_err());
        let account = headers(&[("impersonate-user", "system:serviceaccount:shop:web")]);
        let asked = impersonation(&impersonated(&account).unwrap().unwrap());
        assert_eq!(asked, [Asked::resource("impersonate", "", "serviceaccounts", "shop", "web")]);
    }

    #[test]
    fn only_a_bearer_token_counts() {
        assert_eq!(bearer(&headers(&[("authorization", "Bearer abc")])).as_deref(), Some("abc"));
        assert_eq!(bearer(&headers(&[("authorization", "Basic abc")])), None);
        assert_eq!(bearer(&headers(&[("authorization", "Bearer ")])), None);
    }
}
