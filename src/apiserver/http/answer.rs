//! Requests to answers: who asks, whether they may, and from method and path to the verb.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Method, Request, Response};
use serde_json::json;

use super::asked::asked;
use super::body::{self, Body};
use super::path::{self, Route};
use super::query::Query;
use super::{Api, discovery, openapi};
use crate::api::rbac::{Asked, User, decide, missing};
use crate::api::{Key, Value};
use crate::apiserver::Error;
use crate::apiserver::access::Peer;

impl Api {
    /// Answers one request; what fails becomes a `Status`.
    pub(super) async fn answer(&self, request: Request<Incoming>, peer: &Peer) -> Response<Body> {
        match self.admit(request, peer).await {
            Ok(response) => response,
            Err(error) => {
                if error.code().0 >= 500 {
                    tracing::warn!(error = error.message(), "a request failed");
                }
                body::json(error.code().0, &error.status())
            }
        }
    }

    /// Finds out who asks and whether they may, then does it.
    async fn admit(&self, request: Request<Incoming>, peer: &Peer) -> Result<Response<Body>, Error> {
        let _place = match peer {
            Peer::Local => None,
            Peer::Far(_) => Some(Arc::clone(&self.places).try_acquire_owned().map_err(|_| Error::Busy)?),
        };
        let query = Query::of(request.uri().query().unwrap_or_default());
        let user = self.identify(request.headers(), peer).await?;
        let path = request.uri().path().to_owned();
        let found = path::parse(&path);
        let asked = found.as_ref().map_or_else(
            || Asked::path(request.method().as_str(), &path),
            |route| asked(request.method(), &path, route, &query),
        );
        if !decide(&(self.view)(), &user, &asked).allowed {
            // Nobody gets in without a credential: what anybody may see is granted to anonymous.
            return Err(if user == User::anonymous() { Error::Unauthorized } else { Error::denied(&user, &asked) });
        }
        let route = found.ok_or(Error::NoSuchPath)?;
        let mut rest = if query.is_dry()? { self.rest.dry() } else { self.rest.clone() };
        if !user.is_master() {
            rest = rest.guarded(self.guard(user.clone()));
        }
        Self { rest, ..self.clone() }.route(request, &query, &route, &user).await
    }

    async fn route(
        &self,
        request: Request<Incoming>,
        query: &Query,
        route: &Route,
        user: &User,
    ) -> Result<Response<Body>, Error> {
        let fixed = match route {
            Route::Health => body::text("ok"),
            Route::Version => body::json(200, &discovery::version(&self.rest.config().node)),
            Route::CoreVersions => body::json(200, &json!({"kind": "APIVersions", "versions": ["v1"]})),
            Route::Groups(None) => body::json(200, &discovery::groups()),
            Route::Groups(Some(group)) => body::json(200, &discovery::group(group).ok_or(Error::NoSuchPath)?),
            Route::Resources(group, version) => {
                body::json(200, &discovery::resources(group, version).ok_or(Error::NoSuchPath)?)
            }
            Route::Forecast => return self.forecast(request).await,
            Route::OpenApi(None) => body::json(200, &openapi::index()),
            Route::OpenApi(Some((group, version))) => {
                body::json(200, &openapi::document(group, version).ok_or(Error::NoSuchPath)?)
            }
            Route::Objects(kind, namespace) => return self.objects(request, query, kind, namespace.clone()).await,
            Route::Usage(asked) => self.usage(query, asked).await?,
            Route::Object(key, part) => return self.object(request, query, key, part).await,
            Route::Review(review, namespace) => {
                let wanted = posted(request).await?;
                return Ok(body::json(201, &self.review(*review, namespace.as_deref(), user, wanted).await?));
            }
            Route::Certificates => return Ok(body::json(201, &self.certificate(&posted(request).await?)?)),
        };
        if matches!(*request.method(), Method::GET | Method::HEAD) { Ok(fixed) } else { Err(Error::MethodNotAllowed) }
    }

    /// What is asked before an object is written for a user: whether they may create it, where a patch does so, and
    /// whether they grant what they may not do.
    fn guard(&self, user: User) -> crate::apiserver::rest::Guard {
        let view = Arc::clone(&self.view);
        Arc::new(move |key: &Key, new: &Value, old: Option<&Value>| {
            let view = view();
            if old.is_none() {
                let asked = Asked::resource("create", key.kind.group, key.kind.plural, &key.namespace, "");
                if !decide(&view, &user, &asked).allowed {
                    return Err(Error::denied(&user, &asked));
                }
            }
            missing(&view, &user, key, new, old).map_or(Ok(()), |why| Err(Error::Forbidden(key.clone(), why)))
        })
    }
}

/// The body of a request that can only be posted.
async fn posted(request: Request<Incoming>) -> Result<Value, Error> {
    if *request.method() != Method::POST {
        return Err(Error::MethodNotAllowed);
    }
    let content = body::content_type(request.headers()).to_owned();
    body::parse(&content, &body::read(request.into_body()).await?)
}
