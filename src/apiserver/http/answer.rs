//! Requests to answers: from method and path to the verb.

use hyper::body::Incoming;
use hyper::{Method, Request, Response};
use serde_json::json;

use super::body::{self, Body};
use super::path::{self, Route};
use super::query::Query;
use super::{Api, discovery};
use crate::apiserver::Error;

impl Api {
    /// Answers one request; what fails becomes a `Status`.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        match self.route(request).await {
            Ok(response) => response,
            Err(error) => {
                if error.code().0 >= 500 {
                    tracing::warn!(error = error.message(), "a request failed");
                }
                body::json(error.code().0, &error.status())
            }
        }
    }

    async fn route(&self, request: Request<Incoming>) -> Result<Response<Body>, Error> {
        let query = Query::of(request.uri().query().unwrap_or_default());
        if query.is_dry()? && !self.rest.is_dry() {
            let dry = Self { rest: self.rest.dry(), ..self.clone() };
            return Box::pin(dry.route(request)).await;
        }
        let route = path::parse(request.uri().path()).ok_or(Error::NoSuchPath)?;
        let fixed = match &route {
            Route::Health => body::text("ok"),
            Route::Version => body::json(200, &discovery::version(&self.rest.config().node)),
            Route::CoreVersions => body::json(200, &json!({"kind": "APIVersions", "versions": ["v1"]})),
            Route::Groups(None) => body::json(200, &discovery::groups()),
            Route::Groups(Some(group)) => body::json(200, &discovery::group(group).ok_or(Error::NoSuchPath)?),
            Route::Resources(group, version) => {
                body::json(200, &discovery::resources(group, version).ok_or(Error::NoSuchPath)?)
            }
            Route::Forecast => return self.forecast(request).await,
            Route::Objects(kind, namespace) => return self.objects(request, &query, kind, namespace.clone()).await,
            Route::Usage(asked) => self.usage(&query, asked).await?,
            Route::Object(key, part) => return self.object(request, &query, key, part).await,
        };
        if matches!(*request.method(), Method::GET | Method::HEAD) { Ok(fixed) } else { Err(Error::MethodNotAllowed) }
    }
}
