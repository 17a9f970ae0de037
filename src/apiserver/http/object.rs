//! Requests for one object or a part of it: get, update, patch, delete, and what only some kinds have.

use hyper::body::Incoming;
use hyper::{Method, Request, Response};

use super::Api;
use super::body::{self, Body};
use super::collection::read;
use super::query::Query;
use super::shape::Shape;
use super::strict;
use crate::api::{Key, Timestamp};
use crate::apiserver::rest::Subresource;
use crate::apiserver::{Error, Patch};

impl Api {
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
            ("Pod", "exec", &Method::GET | &Method::POST) => return self.exec(request, key, &query.exec()?).await,
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
            (_, _, &Method::GET | &Method::PUT | &Method::PATCH | &Method::DELETE) => {}
            _ => return Err(Error::MethodNotAllowed),
        }
        let part = Subresource::of(key.kind, part)?;
        if *request.method() == Method::GET && part == Subresource::Main && query.is("watch") {
            let mut options = query.list(Some(key.namespace.clone()).filter(|n| !n.is_empty()));
            options.fields = format!("metadata.name={}", key.name);
            return self.follow(key.kind, options, query, Shape::of(request.headers(), query)?).await;
        }
        self.one(request, query, key, part).await
    }

    async fn one(
        &self,
        request: Request<Incoming>,
        query: &Query,
        key: &Key,
        part: Subresource,
    ) -> Result<Response<Body>, Error> {
        let owned = key.clone();
        let shape = if part == Subresource::Scale { Shape::Plain } else { Shape::of(request.headers(), query)? };
        let method = request.method().clone();
        let (content, body) = read(request).await?;
        let mut warnings = Vec::new();
        let mut check = |object| match part {
            Subresource::Scale => Ok(()),
            _ => strict::check(key.kind, object, query).map(|found| warnings = found),
        };
        let answer = match method {
            Method::GET if part == Subresource::Scale => self.rest.run(move |rest| rest.scale(&owned)).await?,
            Method::GET => self.rest.run(move |rest| rest.get(&owned)).await?,
            Method::PUT => {
                let object = body::parse(&content, &body)?;
                check(&object)?;
                self.rest.run(move |rest| rest.update(&owned, part, object)).await?
            }
            Method::PATCH => {
                let patch = patch(&content, &body, query)?;
                match &patch {
                    Patch::Merge(object) | Patch::Strategic(object) | Patch::Apply { object, .. } => check(object)?,
                    Patch::Json(_) => {}
                }
                self.rest.run(move |rest| rest.patch(&owned, part, patch)).await?
            }
            Method::DELETE if part == Subresource::Main => {
                let body = body::parse(&content, &body)?;
                let options = query.delete(&body)?;
                self.server(&body)?.run(move |rest| rest.delete(&owned, &options)).await?
            }
            _ => return Err(Error::MethodNotAllowed),
        };
        let mut response = body::json(200, &shape.object(key.kind, answer, Timestamp::now()));
        strict::warn(response.headers_mut(), &warnings);
        Ok(response)
    }
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
            "accepted media types include: application/json-patch+json, application/merge-patch+json, \
             application/strategic-merge-patch+json, application/apply-patch+yaml, not {other}"
        ))),
    }
}
