//! Why a request failed, and the one table that maps it to a Kubernetes `Status`.

use serde_json::{Value, json};

use crate::api::patch::Conflict;
use crate::api::problem::Cause;
use crate::api::rbac::{Asked, Target, User};
use crate::api::{Key, Kind, Problem};
use crate::store;

/// Why a request failed. <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such object.
    #[error("{} \"{}\" not found", resource(.0.kind), .0.name)]
    NotFound(Key),
    /// There is no such path.
    #[error("the server could not find the requested resource")]
    NoSuchPath,
    /// There is an object of this name.
    #[error("{} \"{}\" already exists", resource(.0.kind), .0.name)]
    AlreadyExists(Key),
    /// The object is not what the caller expects.
    #[error("Operation cannot be fulfilled on {} \"{}\": {}", resource(.0.kind), .0.name, .1)]
    Conflict(Key, String),
    /// Another manager owns fields that an apply wants to change.
    #[error("Apply failed with {} conflict{}: {}", .0.len(), if .0.len() == 1 { "" } else { "s" }, list(.0))]
    Owned(Vec<Conflict>),
    /// The object's content can't be.
    #[error("{} \"{}\" is invalid: {}", qualified(.0.kind), .0.name, list(.1))]
    Invalid(Key, Vec<Problem>),
    /// The object may not be changed so.
    #[error("{} \"{}\" is forbidden: {}", resource(.0.kind), .0.name, .1)]
    Forbidden(Key, String),
    /// The request comes with a credential that counts for nothing, or needs one.
    #[error("Unauthorized")]
    Unauthorized,
    /// The user may not: the message, and the group, the plural and the name of what it is about.
    #[error("{0}")]
    Denied(String, [String; 3]),
    /// The client can't be answered in any form that it takes.
    #[error(
        "only the following media types are accepted: application/json, application/json;as=Table;v=v1;g=meta.k8s.io"
    )]
    NotAcceptable,
    /// Too many requests are being answered.
    #[error("too many requests, please try again later")]
    Busy,
    /// The request makes no sense.
    #[error("{0}")]
    BadRequest(String),
    /// The verb is not there for the path.
    #[error("the server does not allow this method on the requested resource")]
    MethodNotAllowed,
    /// The body is in a form that the server does not take.
    #[error("the body of the request was in an unknown format - {0}")]
    UnsupportedMediaType(String),
    /// The body is too large.
    #[error("limit is {0} bytes")]
    TooLarge(usize),
    /// The history from the revision on is gone.
    #[error("too old resource version: {0}")]
    Expired(u64),
    /// A budget of disruptions does not allow it now; why.
    #[error("Cannot evict pod as it would violate the pod's disruption budget.")]
    TooManyRequests(String),
    /// The server can't do what is asked for.
    #[error("{0}")]
    Unable(String),
    /// A revision is asked for that the store does not have yet: that one, and the newest.
    #[error("Too large resource version: {0}, current: {1}")]
    Future(u64, u64),
    /// What the request needs can't be had now.
    #[error("{0}")]
    Unavailable(String),
    /// There is no room for the node's state any more.
    #[error("the disk of the Docker host that holds the node's state is full")]
    Full(#[source] store::Error),
    /// The store failed.
    #[error("the node's store failed")]
    Store(#[source] store::Error),
    /// What was stored can't be read.
    #[error("{0} can't be read from the store")]
    Unreadable(Key, #[source] serde_json::Error),
}

impl Error {
    /// What RBAC does not grant.
    #[must_use]
    pub fn denied(user: &User, asked: &Asked) -> Self {
        let about = match &asked.target {
            Target::Resource { group, resource, name, .. } => [group.clone(), resource.clone(), name.clone()],
            Target::Path(_) => Default::default(),
        };
        Self::Denied(asked.refusal(user), about)
    }

    /// The HTTP code and the reason.
    #[must_use]
    pub const fn code(&self) -> (u16, &'static str) {
        match self {
            Self::NotFound(_) | Self::NoSuchPath => (404, "NotFound"),
            Self::AlreadyExists(_) => (409, "AlreadyExists"),
            Self::Conflict(..) | Self::Owned(_) => (409, "Conflict"),
            Self::Invalid(..) => (422, "Invalid"),
            Self::Unauthorized => (401, "Unauthorized"),
            Self::Forbidden(..) | Self::Denied(..) => (403, "Forbidden"),
            Self::NotAcceptable => (406, "NotAcceptable"),
            Self::Busy => (429, "TooManyRequests"),
            Self::BadRequest(_) => (400, "BadRequest"),
            Self::MethodNotAllowed => (405, "MethodNotAllowed"),
            Self::UnsupportedMediaType(_) => (415, "UnsupportedMediaType"),
            Self::TooLarge(_) => (413, "RequestEntityTooLarge"),
            Self::Expired(_) => (410, "Expired"),
            Self::TooManyRequests(_) => (429, "TooManyRequests"),
            Self::Future(..) => (504, "Timeout"),
            Self::Unavailable(_) => (503, "ServiceUnavailable"),
            Self::Full(_) => (507, "InsufficientStorage"),
            Self::Unable(_) | Self::Store(_) | Self::Unreadable(..) => (500, "InternalError"),
        }
    }

    /// The message for people; what the store has to say included.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Store(source) => format!("{self}: {source}"),
            _ => self.to_string(),
        }
    }

    /// What is wrong field by field: path, reason and message.
    #[must_use]
    pub fn causes(&self) -> Vec<(String, String, String)> {
        match self {
            Self::Invalid(_, problems) => problems.iter().map(cause).collect(),
            Self::TooManyRequests(why) => vec![(String::new(), "DisruptionBudget".to_owned(), why.clone())],
            Self::Owned(conflicts) => {
                let cause = |c: &Conflict| {
                    (c.path.clone(), "FieldManagerConflict".to_owned(), format!("conflict with \"{}\"", c.manager))
                };
                conflicts.iter().map(cause).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The `Status` object.
    #[must_use]
    pub fn status(&self) -> Value {
        let (code, reason) = self.code();
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message(), "reason": reason, "code": code,
        });
        if let Self::Denied(_, [group, plural, name]) = self {
            status["details"] = json!({"name": name, "group": group, "kind": plural});
        }
        if matches!(self, Self::Future(..)) {
            let cause = json!({"reason": "ResourceVersionTooLarge", "message": "Too large resource version"});
            status["details"] = json!({"retryAfterSeconds": 1, "causes": [cause]});
        }
        if let Some(key) = self.key() {
            status["details"] = json!({"name": key.name, "group": key.kind.group, "kind": key.kind.plural});
        }
        let causes = self.causes();
        if !causes.is_empty() {
            let cause = |(field, reason, message)| json!({"field": field, "reason": reason, "message": message});
            status["details"]["causes"] = causes.into_iter().map(cause).collect();
        }
        status
    }

    const fn key(&self) -> Option<&Key> {
        match self {
            Self::NotFound(key)
            | Self::AlreadyExists(key)
            | Self::Conflict(key, _)
            | Self::Invalid(key, _)
            | Self::Forbidden(key, _)
            | Self::Unreadable(key, _) => Some(key),
            _ => None,
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Compacted(revision) => Self::Expired(revision),
            full @ store::Error::DiskFull(_) => Self::Full(full),
            other => Self::Store(other),
        }
    }
}

fn cause(problem: &Problem) -> (String, String, String) {
    let reason = match problem.cause {
        Cause::Required => "FieldValueRequired",
        Cause::Invalid => "FieldValueInvalid",
        Cause::NotSupported => "FieldValueNotSupported",
        Cause::Forbidden => "FieldValueForbidden",
        Cause::Duplicate => "FieldValueDuplicate",
        Cause::NotFound => "FieldValueNotFound",
    };
    (problem.path.clone(), reason.to_owned(), format!("{}: {}", problem.cause, problem.message))
}

/// `deployments.apps`, `pods`.
fn resource(kind: &Kind) -> String {
    suffixed(kind.plural, kind.group)
}

/// `Deployment.apps`, `Pod`.
fn qualified(kind: &Kind) -> String {
    suffixed(kind.kind, kind.group)
}

fn suffixed(name: &str, group: &str) -> String {
    if group.is_empty() { name.to_owned() } else { format!("{name}.{group}") }
}

/// One as it is, several in brackets, as Kubernetes does.
fn list(items: &[impl ToString]) -> String {
    let texts: Vec<_> = items.iter().map(ToString::to_string).collect();
    if texts.len() == 1 { texts.concat() } else { format!("[{}]", texts.join(", ")) }
}
