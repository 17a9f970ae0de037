//! The verbs over HTTP: method and body to a call of `rest`, and its result to an answer.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use hyper::body::Incoming;
use hyper::{Method, Request, Response};
use k8s_openapi::api::core::v1::{Node, Pod};
use serde_json::{Value, json};

use super::Api;
use super::body::{self, Body};
use super::exec::Wanted;
use super::query::{Query, dry};
use super::usage::{self, Asked};
use crate::api::{Key, Kind, labels};
use crate::apiserver::rest::Subresource;
use crate::apiserver::{Error, List, ListOptions, Moment, Patch, Rest, WatchEvent};

impl Api {
    /// A request for all objects of a kind.
    pub(super) async fn objects(
        &self,
        request: Request<Incoming>,
        query: &Query,
        kind: &'static Kind,
        namespace: Option<String>,
    ) -> Result<Response<Body>, Error> {
        let options = query.list(namespace.clone());
        match *request.method() {
            Method::GET if query.is("watch") => {
                let since = query.parse("resourceVersion")?.unwrap_or(0);
                let moments = self.rest.run(move |rest| rest.watch(kind, &options, since)).await?;
                let end = tokio::time::sleep(query.parse("timeoutSeconds")?.map_or(FOREVER, Duration::from_secs));
                let lines = lines(moments, kind, query.is("allowWatchBookmarks")).take_until(end);
                Ok(body::flow("application/json", lines))
            }
            Method::GET => {
                let list = self.rest.run(move |rest| rest.list(kind, &options)).await?;
                Ok(body::json(200, &list_object(kind, &list)))
            }
            Method::POST => {
                let (content, body) = read(request).await?;
                let object = body::parse(&content, &body)?;
                let namespace = if kind.namespaced { namespace.ok_or(Error::MethodNotAllowed)? } else { String::new() };
                let new = self.rest.run(move |rest| rest.create(kind, &namespace, object)).await?;
                Ok(body::json(201, &new))
            }
            Method::DELETE => {
                let (content, body) = read(request).await?;
                let body = body::parse(&content, &body)?;
                let delete = query.delete(&body)?;
                let done = move |rest: &Rest| {
                    let items = rest.delete_collection(kind, &options, &delete)?;
                    Ok(List { items, revision: rest.list(kind, &options)?.revision })
                };
                Ok(body::json(200, &list_object(kind, &self.server(&body)?.run(done).await?)))
            }
            _ => Err(Error::MethodNotAllowed),
        }
    }

    /// A request for one object or a part of it.
    pub(super) async fn object(
        &self,
        request: Request<Incoming>,
        query: &Query,
        key: &Key,
        part: &str,
    ) -> Result<Response<Body>, Error> {
        match (key.kind.kind, part, request.method()) {
            ("Pod", "log", &Method::GET) => {
                let chunks = self.streams.logs(&key.namespace, &key.name, &query.logs()?).await?;
                return Ok(body::flow("text/plain", chunks));
            }
            ("Pod", "eviction", &Method::POST) => {
                let (pod, (content, body)) = (key.clone(), read(request).await?);
                let options = &body::parse(&content, &body)?["deleteOptions"];
                let (delete, server) = (query.delete(options)?, self.server(options)?);
                return Ok(body::json(201, &server.run(move |rest| rest.evict(&pod, &delete)).await?));
            }
            ("ServiceAccount", "token", &Method::POST) => {
                let (account, (content, body)) = (key.clone(), read(request).await?);
                let wanted = body::parse(&content, &body)?;
                return Ok(body::json(201, &self.rest.run(move |rest| rest.token(&account, wanted)).await?));
            }
            ("Pod", "exec", &Method::GET | &Method::POST) => {
                return self.streams(request, key, &Wanted::Exec(query.exec()?)).await;
            }
            ("Pod", "attach", &Method::GET | &Method::POST) => {
                return self.streams(request, key, &Wanted::Attach(query.attach())).await;
            }
            _ => {}
        }
        let (owned, part) = (key.clone(), Subresource::of(key.kind, part)?);
        let method = request.method().clone();
        let (content, body) = read(request).await?;
        let answer = match method {
            Method::GET if part == Subresource::Scale => self.rest.run(move |rest| rest.scale(&owned)).await?,
            Method::GET => self.rest.run(move |rest| rest.get(&owned)).await?,
            Method::PUT => {
                let object = body::parse(&content, &body)?;
                self.rest.run(move |rest| rest.update(&owned, part, object)).await?
            }
            Method::PATCH => {
                let patch = patch(&content, &body, query)?;
                self.rest.run(move |rest| rest.patch(&owned, part, patch)).await?
            }
            Method::DELETE if part == Subresource::Main => {
                let body = body::parse(&content, &body)?;
                let options = query.delete(&body)?;
                self.server(&body)?.run(move |rest| rest.delete(&owned, &options)).await?
            }
            _ => return Err(Error::MethodNotAllowed),
        };
        Ok(body::json(200, &answer))
    }

    /// What pods or the node use: all that are asked for, or the one.
    pub(super) async fn usage(&self, query: &Query, asked: &Asked) -> Result<Response<Body>, Error> {
        let kind = if asked.pods { Kind::of::<Pod>() } else { Kind::of::<Node>() };
        let options = ListOptions { namespace: asked.namespace.clone(), ..ListOptions::default() };
        let objects = self.rest.run(move |rest| rest.list(kind, &options)).await?.items;
        let selector = labels::parse(query.text("labelSelector").unwrap_or_default()).map_err(Error::BadRequest)?;
        let items = usage::items(asked, &objects, &selector, &*self.streams.usage().await?);
        let Some(name) = &asked.name else { return Ok(body::json(200, &usage::list(asked, &items))) };
        let namespace = asked.namespace.as_deref().unwrap_or_default();
        let one = items.into_iter().next().ok_or_else(|| Error::NotFound(Key::new(kind, namespace, name)))?;
        Ok(body::json(200, &one))
    }

    /// The server for a deletion, whose options may ask to only try it.
    fn server(&self, options: &Value) -> Result<Rest, Error> {
        let values = options["dryRun"].as_array().into_iter().flatten();
        let dry = dry(values.map(|v| v.as_str().unwrap_or_default()))?;
        Ok(if dry { self.rest.dry() } else { self.rest.clone() })
    }
}

/// A watch without a bound, in a form that a timer takes.
const FOREVER: Duration = Duration::from_hours(30 * 24);

async fn read(request: Request<Incoming>) -> Result<(String, Bytes), Error> {
    let content = body::content_type(request.headers()).to_owned();
    Ok((content, body::read(request.into_body()).await?))
}

fn patch(content_type: &str, body: &[u8], query: &Query) -> Result<Patch, Error> {
    match content_type {
        "application/merge-patch+json" => body::parse("json", body).map(Patch::Merge),
        "application/strategic-merge-patch+json" => body::parse("json", body).map(Patch::Strategic),
        "application/json-patch+json" => body::parse("json", body).map(Patch::Json),
        "application/apply-patch+yaml" | "application/apply-patch+json" => Ok(Patch::Apply {
            object: body::parse("yaml", body)?,
            manager: query.text("fieldManager").unwrap_or_default().to_owned(),
            force: query.is("force"),
        }),
        other => Err(Error::UnsupportedMediaType(format!(
            "accepted media types include: application/merge-patch+json, application/json-patch+json, \
             application/strategic-merge-patch+json, application/apply-patch+yaml, not {other}"
        ))),
    }
}

/// `PodList` and the like.
fn list_object(kind: &Kind, list: &List) -> Value {
    json!({
        "kind": format!("{}List", kind.kind),
        "apiVersion": kind.api_version(),
        "metadata": {"resourceVersion": list.revision.to_string()},
        "items": list.items,
    })
}

/// A watch as lines of JSON. Bookmarks tell how far it got when changes concern others.
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks>
fn lines(
    moments: impl Stream<Item = Result<Moment, Error>> + Send + 'static,
    kind: &'static Kind,
    bookmarks: bool,
) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
    let line = move |moment| {
        let (word, object) = match moment {
            Err(error) => ("ERROR", Error::status(&error)),
            Ok(Moment { event: Some(WatchEvent::Added(object)), .. }) => ("ADDED", object),
            Ok(Moment { event: Some(WatchEvent::Modified(object)), .. }) => ("MODIFIED", object),
            Ok(Moment { event: Some(WatchEvent::Deleted(object)), .. }) => ("DELETED", object),
            Ok(Moment { revision, event: None }) if bookmarks => {
                let metadata = json!({"resourceVersion": revision.to_string()});
                ("BOOKMARK", json!({"kind": kind.kind, "apiVersion": kind.api_version(), "metadata": metadata}))
            }
            Ok(_) => return None,
        };
        Some(Ok(Bytes::from(format!("{}\n", json!({"type": word, "object": object})))))
    };
    moments.filter_map(move |moment| std::future::ready(line(moment)))
}
