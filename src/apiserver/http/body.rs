//! Bodies: read with a limit, as JSON or YAML; written as JSON or as a stream.

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper::{Response, StatusCode};
use serde_json::Value;

use crate::apiserver::Error;

/// What the server answers with.
pub type Body = UnsyncBoxBody<Bytes, Error>;

/// The largest body that is read, as Kubernetes' own limit.
const LIMIT: usize = 3 << 20;

/// The content type of a request without its parameters; JSON where it says nothing.
pub fn content_type(headers: &HeaderMap) -> &str {
    let text = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("application/json");
    text.split(';').next().unwrap_or(text).trim()
}

/// The whole body.
pub async fn read(body: Incoming) -> Result<Bytes, Error> {
    match Limited::new(body, LIMIT).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(e) if e.is::<LengthLimitError>() => Err(Error::TooLarge(LIMIT)),
        Err(e) => Err(Error::BadRequest(format!("the body can't be read: {e}"))),
    }
}

/// The body as a value; an empty one is null.
pub fn parse(content_type: &str, body: &[u8]) -> Result<Value, Error> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    let bad = |what: &str, e: &dyn std::fmt::Display| Error::BadRequest(format!("the body is no {what}: {e}"));
    if content_type.ends_with("yaml") {
        return serde_yaml::from_slice(body).map_err(|e| bad("YAML", &e));
    }
    if content_type.ends_with("json") {
        return serde_json::from_slice(body).map_err(|e| bad("JSON", &e));
    }
    Err(Error::UnsupportedMediaType(format!(
        "accepted media types include: application/json, application/yaml, not {content_type}"
    )))
}

/// An answer in JSON.
pub fn json(code: u16, value: &Value) -> Response<Body> {
    let body = Full::new(Bytes::from(value.to_string())).map_err(|never| match never {}).boxed_unsync();
    answer(code, "application/json", body)
}

/// An answer in plain text.
pub fn text(text: &'static str) -> Response<Body> {
    answer(
        200,
        "text/plain",
        Full::new(Bytes::from_static(text.as_bytes())).map_err(|never| match never {}).boxed_unsync(),
    )
}

/// An answer that goes on.
pub fn flow(
    content_type: &'static str,
    chunks: impl Stream<Item = Result<Bytes, Error>> + Send + 'static,
) -> Response<Body> {
    answer(200, content_type, StreamBody::new(chunks.map(|chunk| chunk.map(Frame::data))).boxed_unsync())
}

fn answer(code: u16, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(content_type));
    response
}
