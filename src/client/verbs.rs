//! The client: the same verbs over both ways to the API.

use bytes::Bytes;
use futures_util::StreamExt;
use hyper::Method;

use super::request::Request;
use super::{
    DeleteOptions, Error, ExecQuery, Flow, List, ListOptions, LogQuery, Moment, Patch, Remote, Session, WatchEvent,
};
use crate::api::forecast::{Forecast, Wish};
use crate::api::object::meta;
use crate::api::{Key, Kind, Value};
use crate::apiserver::rest::Subresource;
use crate::apiserver::{self, Rest};

/// The API of one node. Cheap to clone.
#[derive(Clone)]
pub enum Client {
    /// In the same process.
    Local(Rest),
    /// Over streams.
    Remote(Remote),
}

impl Client {
    /// One object.
    ///
    /// # Errors
    /// `NotFound`, or the node does not answer.
    pub async fn get(&self, key: &Key) -> Result<Value, Error> {
        match self {
            Self::Local(rest) => {
                let key = key.clone();
                Ok(rest.run(move |rest| rest.get(&key)).await?)
            }
            Self::Remote(remote) => remote.value(&Request::object(key, "")).await,
        }
    }

    /// The selected objects of a kind, ordered by namespace and name.
    ///
    /// # Errors
    /// `BadRequest` for a bad selector, or the node does not answer.
    pub async fn list(&self, kind: &'static Kind, options: &ListOptions) -> Result<List, Error> {
        match self {
            Self::Local(rest) => {
                let options = options.clone();
                Ok(rest.run(move |rest| rest.list(kind, &options)).await?)
            }
            Self::Remote(remote) => {
                let mut list = remote.value(&Request::objects(kind, options)).await?;
                let revision = meta(&list, "resourceVersion").parse().unwrap_or(0);
                let Value::Array(items) = list["items"].take() else { return Ok(List { items: Vec::new(), revision }) };
                Ok(List { items, revision })
            }
        }
    }

    /// Creates an object in the namespace that its metadata names (`default` where it names none) and returns it.
    ///
    /// # Errors
    /// `AlreadyExists`, `Invalid` and so on as Kubernetes, or the node does not answer.
    pub async fn create(&self, kind: &'static Kind, object: &Value) -> Result<Value, Error> {
        let (namespace, object) = (namespace_of(kind, object), object.clone());
        match self {
            Self::Local(rest) => Ok(rest.run(move |rest| rest.create(kind, &namespace, object)).await?),
            Self::Remote(remote) => remote.value(&Request::create(kind, &namespace, object)).await,
        }
    }

    /// Replaces an object, or the part of it that the subresource names (`""`, `status`, `scale`, `finalize`). Its
    /// `resourceVersion`, if set, is a precondition.
    ///
    /// # Errors
    /// `NotFound`, `Conflict`, `Invalid` and so on as Kubernetes, or the node does not answer.
    pub async fn update(&self, kind: &'static Kind, subresource: &str, object: &Value) -> Result<Value, Error> {
        let key = Key::new(kind, &namespace_of(kind, object), meta(object, "name"));
        let object = object.clone();
        match self {
            Self::Local(rest) => {
                let part = Subresource::of(kind, subresource)?;
                Ok(rest.run(move |rest| rest.update(&key, part, object)).await?)
            }
            Self::Remote(remote) => {
                let request = Request::object(&key, subresource).sends(Method::PUT, "application/json", object);
                remote.value(&request).await
            }
        }
    }

    /// Changes an object in part; [`Patch::Apply`] creates one that is not there.
    ///
    /// # Errors
    /// `NotFound`, `Conflict`, `Invalid` and so on as Kubernetes, or the node does not answer.
    pub async fn patch(&self, key: &Key, subresource: &str, patch: Patch) -> Result<Value, Error> {
        match self {
            Self::Local(rest) => {
                let (key, part) = (key.clone(), Subresource::of(key.kind, subresource)?);
                Ok(rest.run(move |rest| rest.patch(&key, part, patch)).await?)
            }
            Self::Remote(remote) => remote.value(&Request::object(key, subresource).patches(patch)).await,
        }
    }

    /// Deletes an object and returns it as it was, or as it now waits for its end.
    ///
    /// # Errors
    /// `NotFound`, `Conflict` and so on as Kubernetes, or the node does not answer.
    pub async fn delete(&self, key: &Key, options: &DeleteOptions) -> Result<Value, Error> {
        match self {
            Self::Local(rest) => {
                let (key, options) = (key.clone(), options.clone());
                Ok(rest.run(move |rest| rest.delete(&key, &options)).await?)
            }
            Self::Remote(remote) => remote.value(&Request::object(key, "").deletes(options)).await,
        }
    }

    /// A token for a service account: the TokenRequest (`authentication.k8s.io/v1`) comes back with its status.
    /// <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/>
    ///
    /// # Errors
    /// `NotFound` without such an account or bound object, `Invalid` and so on as Kubernetes, or the node does not answer.
    pub async fn token(&self, account: &Key, request: Value) -> Result<Value, Error> {
        match self {
            Self::Local(rest) => {
                let account = account.clone();
                Ok(rest.run(move |rest| rest.token(&account, request)).await?)
            }
            Self::Remote(remote) => {
                let request = Request::object(account, "token").sends(Method::POST, "application/json", request);
                remote.value(&request).await
            }
        }
    }

    /// A certificate for a user who is in a group: `certificate`, `key` and the node's `authority`, each in PEM.
    ///
    /// # Errors
    /// If the node does not answer or has no authority.
    pub async fn certificate(&self, user: &str, group: &str) -> Result<Value, Error> {
        let body = serde_json::json!({"user": user, "group": group});
        let request = Request::get("/wharf/certificates").sends(Method::POST, "application/json", body);
        self.remote()?.value(&request).await
    }

    /// The same API, whose writes answer as if they were done, and change nothing.
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    #[must_use]
    pub fn dry(&self) -> Self {
        match self {
            Self::Local(rest) => Self::Local(rest.dry()),
            Self::Remote(remote) => Self::Remote(remote.dry()),
        }
    }

    /// The changes of the selected objects after a revision; 0 first tells of those that are there now. The stream ends
    /// after an error; `Expired` means that the history does not reach back, so list again.
    ///
    /// # Errors
    /// `BadRequest` for a bad selector, or the node does not answer.
    pub async fn watch(
        &self,
        kind: &'static Kind,
        options: &ListOptions,
        since: u64,
    ) -> Result<Flow<Result<WatchEvent, Error>>, Error> {
        let moments = self.follow(kind, options, since).await?;
        let events = moments.filter_map(async |moment| moment.map(|m| m.event).transpose());
        Ok(Box::pin(events))
    }

    /// As [`Client::watch`], and also tells how far the watch got when changes concern others.
    ///
    /// # Errors
    /// As [`Client::watch`].
    pub async fn follow(
        &self,
        kind: &'static Kind,
        options: &ListOptions,
        since: u64,
    ) -> Result<Flow<Result<Moment, Error>>, Error> {
        match self {
            Self::Local(rest) => {
                let options = options.clone();
                let moments = rest.run(move |rest| rest.watch(kind, &options, since)).await?;
                Ok(Box::pin(moments.map(|moment| moment.map_err(Error::from))))
            }
            Self::Remote(remote) => remote.moments(&Request::objects(kind, options).watches(since)).await,
        }
    }

    /// A pod's log, as it comes.
    ///
    /// # Errors
    /// `NotFound` without such a pod, `BadRequest` without such a container or log, or the node does not answer.
    pub async fn logs(&self, pod: &Key, query: &LogQuery) -> Result<Flow<Result<Bytes, Error>>, Error> {
        self.remote()?.flow(&Request::object(pod, "log").logs(query)).await
    }

    /// Runs a program in a container of a pod.
    ///
    /// # Errors
    /// `NotFound` without such a pod, `BadRequest` without such a container or program, or the node does not answer.
    pub async fn exec(&self, pod: &Key, query: &ExecQuery) -> Result<Session, Error> {
        self.remote()?.session(&Request::object(pod, "exec").runs(query)).await
    }

    /// What would come of applying and deleting objects, as the node's own planners see it; nothing is kept of it.
    ///
    /// # Errors
    /// If the node does not answer.
    pub async fn forecast(&self, wish: &Wish) -> Result<Forecast, Error> {
        let body = serde_json::to_value(wish).map_err(super::remote::no_answer)?;
        let request = Request::get("/wharf/forecast").sends(Method::POST, "application/json", body);
        serde_json::from_value(self.remote()?.value(&request).await?).map_err(super::remote::no_answer)
    }

    /// What the pods (of a namespace, or of all) or the node use of cpu and memory: `PodMetrics`, `NodeMetrics`.
    ///
    /// # Errors
    /// `BadRequest` for a bad selector, or the node does not answer.
    pub async fn usage(&self, pods: bool, namespace: Option<&str>, labels: &str) -> Result<Vec<Value>, Error> {
        let mut answer = self.remote()?.value(&Request::usage(pods, namespace, labels)).await?;
        let Value::Array(items) = answer["items"].take() else { return Ok(Vec::new()) };
        Ok(items)
    }

    /// The node's version, as `/version` has it: `wharf`, `node`, `gitVersion`.
    ///
    /// # Errors
    /// If the node does not answer.
    pub async fn version(&self) -> Result<Value, Error> {
        self.remote()?.value(&Request::get("/version")).await
    }

    /// Whether the node answers and is ready.
    ///
    /// # Errors
    /// Why it is not.
    pub async fn ready(&self) -> Result<(), Error> {
        match self {
            Self::Local(_) => Ok(()),
            Self::Remote(remote) => remote.send(&Request::get("/readyz")).await.map(|_| ()),
        }
    }

    /// The streams of pods are served over HTTP only: within the agent, the kubelet is at hand.
    fn remote(&self) -> Result<&Remote, Error> {
        match self {
            Self::Local(_) => Err(apiserver::Error::NoSuchPath.into()),
            Self::Remote(remote) => Ok(remote),
        }
    }
}

/// Where an object belongs that names no namespace: as Kubernetes, into `default`.
fn namespace_of(kind: &Kind, object: &Value) -> String {
    match meta(object, "namespace") {
        _ if !kind.namespaced => String::new(),
        "" => "default".to_owned(),
        namespace => namespace.to_owned(),
    }
}
