//! Reviews: questions about users and what they may do, which are answered and not stored.
//! <https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/>

use serde_json::{Value, json};

use super::Api;
use crate::api::rbac::{Asked, Decision, Target, User, decide, grants};
use crate::api::{Timestamp, View};
use crate::apiserver::Error;

/// A sort of review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// May I?
    SelfSubjectAccess,
    /// May they?
    SubjectAccess,
    /// May they, in this namespace?
    LocalSubjectAccess,
    /// What may I?
    SelfSubjectRules,
    /// Whose token is it?
    Token,
    /// Who am I?
    SelfSubject,
}

/// Every review: its group, plural, kind, and whether it is in a namespace.
pub const REVIEWS: [(Review, &str, &str, &str, bool); 6] = [
    (Review::SelfSubject, "authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview", false),
    (Review::Token, "authentication.k8s.io", "tokenreviews", "TokenReview", false),
    (Review::LocalSubjectAccess, "authorization.k8s.io", "localsubjectaccessreviews", "LocalSubjectAccessReview", true),
    (Review::SelfSubjectAccess, "authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview", false),
    (Review::SelfSubjectRules, "authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview", false),
    (Review::SubjectAccess, "authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview", false),
];

impl Review {
    /// The review at a path, if there is one.
    pub fn find(group: &str, version: &str, plural: &str, namespaced: bool) -> Option<Self> {
        let row = REVIEWS.iter().find(|r| r.1 == group && r.2 == plural && r.4 == namespaced && version == "v1");
        row.map(|row| row.0)
    }

    /// Its group and plural.
    pub fn resource(self) -> (&'static str, &'static str) {
        REVIEWS.iter().find(|r| r.0 == self).map_or(("", ""), |row| (row.1, row.2))
    }
}

impl Api {
    /// The review with its answer.
    pub(super) async fn review(
        &self,
        review: Review,
        namespace: Option<&str>,
        user: &User,
        mut body: Value,
    ) -> Result<Value, Error> {
        let Some((_, group, _, kind, _)) = REVIEWS.iter().find(|r| r.0 == review) else {
            return Err(Error::NoSuchPath);
        };
        for (field, expected) in [("apiVersion", format!("{group}/v1")), ("kind", (*kind).to_owned())] {
            match body[field].as_str() {
                None | Some("") if body.is_object() || body.is_null() => body[field] = expected.into(),
                Some(found) if found == expected => {}
                _ => return Err(Error::BadRequest(format!("the body is not a {kind}"))),
            }
        }
        let view = (self.view)();
        body["status"] = match review {
            Review::SelfSubject => json!({"userInfo": shown(user)}),
            Review::SelfSubjectAccess => access(&view, user, &body["spec"])?,
            Review::SubjectAccess => access(&view, &named(&body["spec"])?, &body["spec"])?,
            Review::LocalSubjectAccess => {
                if body["spec"]["resourceAttributes"]["namespace"].as_str() != namespace {
                    let why = "spec.resourceAttributes.namespace: Invalid value: must match metadata.namespace";
                    return Err(Error::BadRequest(why.into()));
                }
                access(&view, &named(&body["spec"])?, &body["spec"])?
            }
            Review::SelfSubjectRules => rules(&view, user, body["spec"]["namespace"].as_str().unwrap_or_default())?,
            Review::Token => self.token_review(&body["spec"]).await?,
        };
        if review == Review::Token {
            body["spec"]["token"] = "".into(); // it is not repeated
        }
        Ok(body)
    }

    async fn token_review(&self, spec: &Value) -> Result<Value, Error> {
        let token = spec["token"].as_str().unwrap_or_default().to_owned();
        if token.is_empty() {
            return Err(Error::BadRequest("spec.token: Required value: token is required for TokenReview".into()));
        }
        let audiences: Vec<String> = serde_json::from_value(spec["audiences"].clone()).unwrap_or_default();
        let found = self.rest.run(move |rest| Ok(rest.whose_token(&token, &audiences, Timestamp::now()))).await?;
        Ok(match found {
            Ok((user, audiences)) => json!({"authenticated": true, "user": shown(&user), "audiences": audiences}),
            Err(why) => json!({"authenticated": false, "error": why}),
        })
    }
}

fn shown(user: &User) -> Value {
    let mut info = json!({"username": user.name, "groups": user.groups});
    if !user.uid.is_empty() {
        info["uid"] = user.uid.clone().into();
    }
    if !user.extra.is_empty() {
        info["extra"] = json!(user.extra);
    }
    info
}

/// The user that a review is about.
fn named(spec: &Value) -> Result<User, Error> {
    let groups: Vec<String> = serde_json::from_value(spec["groups"].clone()).unwrap_or_default();
    let name = spec["user"].as_str().unwrap_or_default();
    if name.is_empty() && groups.is_empty() {
        return Err(Error::BadRequest(
            "spec.user: Required value: at least one of user or group must be specified".into(),
        ));
    }
    Ok(User { name: name.to_owned(), groups, ..User::default() })
}

/// What a review asks for, decided.
fn access(view: &View, user: &User, spec: &Value) -> Result<Value, Error> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let asked = match (&spec["resourceAttributes"], &spec["nonResourceAttributes"]) {
        (resource @ Value::Object(_), Value::Null) => Asked {
            verb: text(&resource["verb"]),
            target: Target::Resource {
                group: text(&resource["group"]),
                resource: text(&resource["resource"]),
                subresource: text(&resource["subresource"]),
                namespace: text(&resource["namespace"]),
                name: text(&resource["name"]),
            },
        },
        (Value::Null, path @ Value::Object(_)) => Asked::path(&text(&path["verb"]), &text(&path["path"])),
        _ => {
            let why = "spec.resourceAttributes: Invalid value: exactly one of nonResourceAttributes or resourceAttributes \
                       must be specified";
            return Err(Error::BadRequest(why.into()));
        }
    };
    let Decision { allowed, reason } = decide(view, user, &asked);
    let mut status = json!({"allowed": allowed});
    if !reason.is_empty() {
        status["reason"] = reason.into();
    }
    Ok(status)
}

/// All that a user may do in a namespace.
fn rules(view: &View, user: &User, namespace: &str) -> Result<Value, Error> {
    if namespace.is_empty() {
        return Err(Error::BadRequest("no namespace on request".into()));
    }
    let (mut resources, mut paths) = (Vec::new(), Vec::new());
    if user.is_master() {
        resources.push(json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}));
        paths.push(json!({"verbs": ["*"], "nonResourceURLs": ["*"]}));
    }
    for grant in grants(view, user, namespace) {
        let list =
            if grant.rule.non_resource_urls.as_ref().is_none_or(Vec::is_empty) { &mut resources } else { &mut paths };
        list.push(json!(grant.rule));
    }
    Ok(json!({"resourceRules": resources, "nonResourceRules": paths, "incomplete": false}))
}
