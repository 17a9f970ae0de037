//! The client: the same verbs over both ways to the API.

use std::pin::Pin;

use futures_util::{Stream, StreamExt};

use super::{DeleteOptions, Error, List, ListOptions, Moment, Patch, WatchEvent, local};
use crate::api::object::meta;
use crate::api::{Key, Kind, Value};
use crate::apiserver::Rest;
use crate::apiserver::rest::Subresource;

/// A stream that can be sent between threads.
pub type Flow<T> = Pin<Box<dyn Stream<Item = T> + Send>>;

/// The API of one node. Cheap to clone.
#[derive(Clone)]
pub enum Client {
    /// In the same process.
    Local(Rest),
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
                local::run(rest, move |rest| rest.get(&key)).await
            }
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
                local::run(rest, move |rest| rest.list(kind, &options)).await
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
            Self::Local(rest) => local::run(rest, move |rest| rest.create(kind, &namespace, object)).await,
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
                local::run(rest, move |rest| rest.update(&key, part, object)).await
            }
        }
    }

    /// Changes an object in part; [`Patch::Apply`] creates one that is not there.
    ///
    /// # Errors
    /// `NotFound`, `Conflict`, `Invalid` and so on as Kubernetes, or the node does not answer.
    pub async fn patch(&self, key: &Key, subresource: &str, patch: Patch) -> Result<Value, Error> {
        let key = key.clone();
        match self {
            Self::Local(rest) => {
                let part = Subresource::of(key.kind, subresource)?;
                local::run(rest, move |rest| rest.patch(&key, part, patch)).await
            }
        }
    }

    /// Deletes an object and returns it as it was, or as it now waits for its end.
    ///
    /// # Errors
    /// `NotFound`, `Conflict` and so on as Kubernetes, or the node does not answer.
    pub async fn delete(&self, key: &Key, options: &DeleteOptions) -> Result<Value, Error> {
        let (key, options) = (key.clone(), options.clone());
        match self {
            Self::Local(rest) => local::run(rest, move |rest| rest.delete(&key, &options)).await,
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
                let moments = local::run(rest, move |rest| rest.watch(kind, &options, since)).await?;
                Ok(Box::pin(moments.map(|moment| moment.map_err(Error::from))))
            }
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
