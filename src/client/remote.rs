//! The way to the API from outside: HTTP/2 over one stream, which is dialled again when it is dead.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Mutex;
use tokio_util::codec::{FramedRead, LinesCodec};
use tokio_util::io::StreamReader;

use super::request::Request;
use super::{Error, Flow, Later, Moment, WatchEvent};

/// Both directions of a connection.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Opens connections to the API's socket.
pub trait Dial: Send + Sync {
    /// A new connection.
    ///
    /// # Errors
    /// If the node can't be reached.
    fn dial(&self) -> Later<'_, std::io::Result<Box<dyn Duplex>>>;
}

type Sender = SendRequest<Full<Bytes>>;

/// A node that is reached over streams. Cheap to clone; all clones share one connection for all but exec.
#[derive(Clone)]
pub struct Remote {
    dial: Arc<dyn Dial>,
    sender: Arc<Mutex<Option<Sender>>>,
    dry: bool,
}

impl Remote {
    /// A node behind a dialler. Nothing is dialled before the first request.
    pub fn new(dial: impl Dial + 'static) -> Self {
        Self { dial: Arc::new(dial), sender: Arc::default(), dry: false }
    }

    /// The same node, whose writes are only tried.
    pub(super) fn dry(&self) -> Self {
        Self { dry: true, ..self.clone() }
    }

    /// A connection of its own.
    pub(super) async fn connect(&self) -> Result<Box<dyn Duplex>, Error> {
        self.dial.dial().await.map_err(no_answer)
    }

    /// The answer's body as JSON.
    pub(super) async fn value(&self, request: &Request) -> Result<Value, Error> {
        let body = self.send(request).await?.into_body().collect().await.map_err(no_answer)?;
        serde_json::from_slice(&body.to_bytes()).map_err(no_answer)
    }

    /// The answer's body as it comes.
    pub(super) async fn flow(&self, request: &Request) -> Result<Flow<Result<Bytes, Error>>, Error> {
        let body = self.send(request).await?.into_body();
        Ok(Box::pin(body.into_data_stream().map_err(no_answer)))
    }

    /// The answer's body as the lines of a watch.
    pub(super) async fn moments(&self, request: &Request) -> Result<Flow<Result<Moment, Error>>, Error> {
        let chunks = self.flow(request).await?.map_err(std::io::Error::other);
        let lines = FramedRead::new(StreamReader::new(Box::pin(chunks)), LinesCodec::new());
        Ok(Box::pin(lines.map(|line| moment(&line.map_err(no_answer)?))))
    }

    /// Sends a request, on a new connection if the old one turns out to be dead before the request left.
    pub(super) async fn send(&self, request: &Request) -> Result<Response<Incoming>, Error> {
        let tried = (self.dry && request.method != Method::GET).then(|| request.clone().tried());
        let request = tried.as_ref().unwrap_or(request);
        let mut retried = false;
        let response = loop {
            let mut sender = self.sender().await?;
            match sender.send_request(message(request)?).await {
                Ok(response) => break response,
                Err(e) if !retried && (e.is_canceled() || request.method == Method::GET) => retried = true,
                Err(e) => return Err(no_answer(e)),
            }
            *self.sender.lock().await = None;
        };
        if response.status().is_success() { Ok(response) } else { Err(refusal(response).await) }
    }

    async fn sender(&self) -> Result<Sender, Error> {
        let mut slot = self.sender.lock().await;
        if let Some(sender) = slot.as_ref().filter(|s| !s.is_closed()) {
            return Ok(sender.clone());
        }
        let io = TokioIo::new(self.connect().await?);
        let shaken = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await;
        let (sender, connection) = shaken.map_err(no_answer)?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "the connection to the node broke off");
            }
        });
        *slot = Some(sender.clone());
        Ok(sender)
    }
}

fn message(request: &Request) -> Result<hyper::Request<Full<Bytes>>, Error> {
    let mut builder = hyper::Request::builder().method(&request.method).uri(format!("http://wharf{}", request.path));
    let mut bytes = Bytes::new();
    if let Some((content_type, body)) = &request.body {
        builder = builder.header(CONTENT_TYPE, *content_type);
        bytes = body.to_string().into();
    }
    builder.body(Full::new(bytes)).map_err(no_answer)
}

/// One line of a watch.
fn moment(line: &str) -> Result<Moment, Error> {
    let mut line: Value = serde_json::from_str(line).map_err(no_answer)?;
    let object = line["object"].take();
    let revision = crate::api::object::meta(&object, "resourceVersion").parse().unwrap_or(0);
    let event = match line["type"].as_str() {
        Some("ADDED") => Some(WatchEvent::Added(object)),
        Some("MODIFIED") => Some(WatchEvent::Modified(object)),
        Some("DELETED") => Some(WatchEvent::Deleted(object)),
        Some("BOOKMARK") => None,
        _ => return Err(Error::of_status(500, &object)),
    };
    Ok(Moment { revision, event })
}

/// The error that an answer other than success means: its body is read whole.
pub(super) async fn refusal(response: Response<Incoming>) -> Error {
    let code = response.status().as_u16();
    match response.into_body().collect().await {
        Ok(body) => Error::of_status(code, &serde_json::from_slice(&body.to_bytes()).unwrap_or_default()),
        Err(error) => no_answer(error),
    }
}

pub(super) fn no_answer(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Unreachable(error.into())
}
