//! Requests for all objects of a kind: list, watch, create, delete.

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::{Method, Request, Response};
use k8s_openapi::api::core::v1::{Node, Pod};
use serde_json::{Value, json};

use super::Api;
use super::body::{self, Body};
use super::query::{Query, dry};
use super::shape::Shape;
use super::strict;
use super::usage::{self, Asked};
use crate::api::{Key, Kind, Timestamp, labels};
use crate::apiserver::{Error, ListOptions, Rest};

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
        let shape = Shape::of(request.headers(), query)?;
        match *request.method() {
            Method::GET if query.is("watch") => self.follow(kind, options, query, shape).await,
            Method::GET => self.list(kind, options, query, shape).await,
            Method::POST => {
                let (content, body) = read(request).await?;
                let object = body::parse(&content, &body)?;
                let namespace = if kind.namespaced { namespace.ok_or(Error::MethodNotAllowed)? } else { String::new() };
                let warnings = strict::check(kind, &object, query)?;
                let new = self.rest.run(move |rest| rest.create(kind, &namespace, object)).await?;
                let mut response = body::json(201, &shape.object(kind, new, Timestamp::now()));
                strict::warn(response.headers_mut(), &warnings);
                Ok(response)
            }
            Method::DELETE => {
                let (content, body) = read(request).await?;
                let body = body::parse(&content, &body)?;
                let delete = query.delete(&body)?;
                let rest = self.server(&body)?;
                let done = move |rest: &Rest| {
                    let items = rest.delete_collection(kind, &options, &delete)?;
                    Ok((items, rest.list(kind, &options)?.revision))
                };
                let (items, revision) = rest.run(done).await?;
                let metadata = json!({"resourceVersion": revision.to_string()});
                Ok(body::json(200, &shape.list(kind, &metadata, &items, Timestamp::now())))
            }
            _ => Err(Error::MethodNotAllowed),
        }
    }

    async fn list(
        &self,
        kind: &'static Kind,
        options: ListOptions,
        query: &Query,
        shape: Shape,
    ) -> Result<Response<Body>, Error> {
        let page = query.page()?;
        let page = self.rest.run(move |rest| rest.page(kind, &options, &page)).await?;
        let mut metadata = json!({"resourceVersion": page.revision.to_string()});
        if let Some(token) = page.next {
            metadata["continue"] = token.into();
        }
        if let Some(left) = page.left {
            metadata["remainingItemCount"] = left.into();
        }
        Ok(body::json(200, &shape.list(kind, &metadata, &page.items, Timestamp::now())))
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
    pub(super) fn server(&self, options: &Value) -> Result<Rest, Error> {
        let values = options["dryRun"].as_array().into_iter().flatten();
        let dry = dry(values.map(|v| v.as_str().unwrap_or_default()))?;
        Ok(if dry { self.rest.dry() } else { self.rest.clone() })
    }
}

/// The content type and the body of a request.
pub(super) async fn read(request: Request<Incoming>) -> Result<(String, Bytes), Error> {
    let content = body::content_type(request.headers()).to_owned();
    Ok((content, body::read(request.into_body()).await?))
}
