//! Requests of the API as HTTP has them: method, path with its query, body. Pure.

use form_urlencoded::Serializer;
use hyper::Method;
use serde_json::{Value, json};

use super::{DeleteOptions, ExecQuery, ListOptions, LogQuery, Patch};
use crate::api::{Key, Kind};

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// The content type, and the body.
    pub body: Option<(&'static str, Value)>,
}

impl Request {
    /// A request without a body.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), body: None }
    }

    /// A request for one object or a part of it.
    pub fn object(key: &Key, part: &str) -> Self {
        let mut path = format!("{}/{}", collection(key.kind, Some(&key.namespace)), key.name);
        if !part.is_empty() {
            path = format!("{path}/{part}");
        }
        Self::get(path)
    }

    /// A request for the objects of a kind.
    pub fn objects(kind: &Kind, options: &ListOptions) -> Self {
        let request = Self::get(collection(kind, options.namespace.as_deref()));
        request.query([("labelSelector", options.labels.clone()), ("fieldSelector", options.fields.clone())])
    }

    /// A request for what pods or nodes use.
    pub fn usage(pods: bool, namespace: Option<&str>, labels: &str) -> Self {
        let place = namespace.filter(|_| pods).map(|n| format!("namespaces/{n}/")).unwrap_or_default();
        let what = if pods { "pods" } else { "nodes" };
        Self::get(format!("/apis/metrics.k8s.io/v1beta1/{place}{what}")).query([("labelSelector", labels.to_owned())])
    }

    /// A request to create an object.
    pub fn create(kind: &Kind, namespace: &str, object: Value) -> Self {
        Self::get(collection(kind, Some(namespace))).sends(Method::POST, "application/json", object)
    }

    /// With another method and a body.
    pub fn sends(mut self, method: Method, content_type: &'static str, body: Value) -> Self {
        self.method = method;
        self.body = Some((content_type, body));
        self
    }

    /// With a patch.
    pub fn patches(self, patch: Patch) -> Self {
        match patch {
            Patch::Merge(patch) => self.sends(Method::PATCH, "application/merge-patch+json", patch),
            Patch::Strategic(patch) => self.sends(Method::PATCH, "application/strategic-merge-patch+json", patch),
            Patch::Json(patch) => self.sends(Method::PATCH, "application/json-patch+json", patch),
            Patch::Apply { object, manager, force } => self
                .query([("fieldManager", manager), ("force", force.to_string())])
                .sends(Method::PATCH, "application/apply-patch+yaml", object),
        }
    }

    /// With a deletion.
    pub fn deletes(self, options: &DeleteOptions) -> Self {
        let mut body = json!({"kind": "DeleteOptions", "apiVersion": "v1"});
        if let Some(uid) = &options.uid {
            body["preconditions"]["uid"] = uid.clone().into();
        }
        if let Some(revision) = &options.revision {
            body["preconditions"]["resourceVersion"] = revision.clone().into();
        }
        if let Some(grace) = options.grace {
            body["gracePeriodSeconds"] = grace.into();
        }
        if let Some(propagation) = &options.propagation {
            body["propagationPolicy"] = propagation.clone().into();
        }
        self.sends(Method::DELETE, "application/json", body)
    }

    /// As a write that is only tried.
    pub fn tried(self) -> Self {
        self.query([("dryRun", "All".to_owned())])
    }

    /// As a watch from a revision on.
    pub fn watches(self, since: u64) -> Self {
        let yes = || "true".to_owned();
        self.query([("watch", yes()), ("allowWatchBookmarks", yes()), ("resourceVersion", since.to_string())])
    }

    /// For a part of a log.
    pub fn logs(self, query: &LogQuery) -> Self {
        let number = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
        self.query([
            ("container", query.container.clone().unwrap_or_default()),
            ("follow", query.follow.to_string()),
            ("tailLines", number(query.tail)),
            ("sinceSeconds", number(query.since_seconds)),
            ("sinceTime", query.since_time.map(|t| t.to_string()).unwrap_or_default()),
            ("timestamps", query.timestamps.to_string()),
            ("previous", query.previous.to_string()),
        ])
    }

    /// For a program.
    pub fn runs(self, query: &ExecQuery) -> Self {
        let streams = [("stdin", query.stdin), ("stdout", query.stdout), ("stderr", query.stderr), ("tty", query.tty)];
        let commands = query.command.iter().map(|word| ("command", word.clone()));
        let container = [("container", query.container.clone().unwrap_or_default())];
        self.query(container.into_iter().chain(streams.map(|(name, on)| (name, on.to_string()))).chain(commands))
    }

    /// With parameters; those without a value are left out, but for words of a command, which may be empty.
    fn query(mut self, parameters: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let mut text = Serializer::new(String::new());
        text.extend_pairs(parameters.into_iter().filter(|(name, value)| !value.is_empty() || *name == "command"));
        let text = text.finish();
        if !text.is_empty() {
            self.path = format!("{}{}{text}", self.path, if self.path.contains('?') { '&' } else { '?' });
        }
        self
    }
}

/// The path of a kind's objects. <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris>
fn collection(kind: &Kind, namespace: Option<&str>) -> String {
    let group = if kind.group.is_empty() { "/api/v1".to_owned() } else { format!("/apis/{}", kind.api_version()) };
    match namespace {
        Some(namespace) if kind.namespaced => format!("{group}/namespaces/{namespace}/{}", kind.plural),
        _ => format!("{group}/{}", kind.plural),
    }
}
