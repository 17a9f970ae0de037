//! Asks a web server, following redirects as the kubelet does.

use std::error::Error;
use std::sync::LazyLock;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::LOCATION;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::get::{Get, Scheme};
use super::{run, trust};

/// How much of an answer is read, in bytes.
const KEPT: usize = 10 * 1024;
/// So many redirects are too many, counting the request itself.
const HOPS: usize = 10;
/// How it is told that a server does not speak TLS.
pub(super) const NO_TLS: &str = "http: server gave HTTP response to HTTPS client";

/// One for all requests: to make it costs more than a request.
static TLS: LazyLock<Result<TlsConnector, rustls::Error>> =
    LazyLock::new(|| Ok(TlsConnector::from(std::sync::Arc::new(trust::everyone()?))));

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The text, up to 10 KiB.
    pub body: String,
    /// Where a redirect leads.
    location: Option<String>,
}

/// The answer, after all redirects on the same host, or why there is none, in words.
pub async fn get(get: &Get) -> Result<Answer, String> {
    let mut hop = get.clone();
    for _ in 0..HOPS {
        let answer = ask(&hop).await.map_err(|e| format!("Get \"{hop}\": {e}"))?;
        let redirects = matches!(answer.status, 301 | 302 | 303 | 307 | 308);
        match answer.location.as_deref().filter(|_| redirects).and_then(|location| hop.redirected(location)) {
            Some(next) => hop = next,
            None => return Ok(answer),
        }
    }
    Err(format!("Get \"{hop}\": stopped after {HOPS} redirects"))
}

async fn ask(get: &Get) -> Result<Answer, String> {
    let stream = TcpStream::connect((get.host.as_str(), get.port)).await;
    let stream = stream.map_err(|e| run::refused(&e, &get.host, get.port))?;
    if get.scheme == Scheme::Http {
        return send(get, stream).await;
    }
    let tls = TLS.as_ref().map_err(ToString::to_string)?;
    let name = ServerName::try_from(get.host.clone()).map_err(|e| e.to_string())?;
    let stream = tls.connect(name, stream).await.map_err(|error| {
        let cause = error.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>());
        match cause {
            Some(rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)) => NO_TLS.to_owned(),
            _ => error.to_string(),
        }
    })?;
    send(get, stream).await
}

/// Sends the request on a connection, which serves for nothing else.
async fn send(get: &Get, stream: impl AsyncRead + AsyncWrite + Unpin + 'static) -> Result<Answer, String> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|e| words(&e))?;
    let mut request = Request::get(&get.path).header("host", get.host_header()).header("connection", "close");
    for (name, value) in get.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host")) {
        request = request.header(name, value);
    }
    let request = request.body(Empty::<Bytes>::new()).map_err(|e| e.to_string())?;
    let work = async {
        let answer = sender.send_request(request).await.map_err(|e| words(&e))?;
        let location = answer.headers().get(LOCATION).and_then(|l| Some(l.to_str().ok()?.to_owned()));
        Ok(Answer { status: answer.status().as_u16(), location, body: beginning(answer.into_body()).await? })
    };
    // The connection is driven beside the request, and what comes after the beginning of the answer is dropped with it.
    tokio::select! {
        biased;
        answer = work => answer,
        Err(error) = connection => Err(words(&error)),
    }
}

async fn beginning(mut body: Incoming) -> Result<String, String> {
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|e| words(&e))?.into_data() else { continue };
        read.extend_from_slice(&data[..data.len().min(KEPT - read.len())]);
        if read.len() == KEPT {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&read).into_owned())
}

/// What is wrong with a connection, as Kubernetes says it.
fn words(error: &hyper::Error) -> String {
    if error.is_incomplete_message() {
        return "EOF".to_owned();
    }
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}
