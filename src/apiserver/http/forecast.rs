//! What would come of a wish, over HTTP.

use hyper::body::Incoming;
use hyper::{Method, Request, Response};

use super::Api;
use super::body::{self, Body};
use crate::apiserver::Error;

impl Api {
    /// A request to tell what applying and deleting objects would do.
    pub(super) async fn forecast(&self, request: Request<Incoming>) -> Result<Response<Body>, Error> {
        let forecaster = self.forecaster.ok_or(Error::NoSuchPath)?;
        if request.method() != Method::POST {
            return Err(Error::MethodNotAllowed);
        }
        let wish = body::parse("json", &body::read(request.into_body()).await?)?;
        let wish = serde_json::from_value(wish).map_err(|e| Error::BadRequest(format!("not a wish: {e}")))?;
        let forecast = forecaster(self.rest.clone(), wish).await?;
        let answer = serde_json::to_value(forecast).map_err(|e| Error::Unavailable(e.to_string()))?;
        Ok(body::json(200, &answer))
    }
}
