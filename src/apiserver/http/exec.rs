//! Running a program in a container, or joining its own, over a WebSocket.

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{
    CONNECTION, HeaderMap, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, UPGRADE,
};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Error as Broken, Message};

use super::Api;
use super::body::Body;
use super::channels::{PROTOCOLS, read_input, write_output};
use crate::api::Key;
use crate::apiserver::{AttachQuery, Error, ExecQuery, Output, Session};

/// What of a container somebody asks for.
pub(super) enum Wanted {
    /// To run a program in it.
    Exec(ExecQuery),
    /// To join its first process.
    Attach(AttachQuery),
}

impl Api {
    /// Starts the program or joins the container, then turns the connection into a WebSocket.
    pub(super) async fn streams(
        &self,
        mut request: Request<Incoming>,
        key: &Key,
        wanted: &Wanted,
    ) -> Result<Response<Body>, Error> {
        let (accept, protocol) = handshake(request.headers())?;
        let session = match wanted {
            Wanted::Exec(query) => self.streams.exec(&key.namespace, &key.name, query).await?,
            Wanted::Attach(query) => self.streams.attach(&key.namespace, &key.name, query).await?,
        };
        let upgraded = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            match upgraded.await {
                Ok(io) => {
                    let socket = WebSocketStream::from_raw_socket(TokioIo::new(io), Role::Server, None).await;
                    if let Err(error) = pump(socket, session).await {
                        tracing::debug!(%error, "an exec connection broke off");
                    }
                }
                Err(error) => tracing::debug!(%error, "an exec connection did not become a WebSocket"),
            }
        });
        let mut response = Response::new(Full::new(Bytes::new()).map_err(|never| match never {}).boxed_unsync());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
        Ok(response)
    }
}

/// The answer to the client's key, and the best protocol that it offers.
fn handshake(headers: &HeaderMap) -> Result<(HeaderValue, &'static str), Error> {
    let bad = |what: &str| Error::BadRequest(what.to_owned());
    let websocket = headers.get(UPGRADE).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"websocket"));
    let key = headers.get(SEC_WEBSOCKET_KEY).filter(|_| websocket);
    let key = key.ok_or_else(|| bad("exec needs a WebSocket: Upgrade request required"))?;
    let offers = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|v| v.to_str().ok());
    let offers: Vec<_> = offers.flat_map(|v| v.split(',')).map(str::trim).collect();
    let protocol = PROTOCOLS.into_iter().find(|p| offers.contains(p));
    let protocol = protocol.ok_or_else(|| bad("exec speaks v5.channel.k8s.io and v4.channel.k8s.io"))?;
    let accept =
        HeaderValue::from_str(&derive_accept_key(key.as_bytes())).map_err(|_| bad("the WebSocket key is bad"))?;
    Ok((accept, protocol))
}

/// Carries both directions until the program ends or the client goes.
async fn pump<S>(socket: WebSocketStream<S>, session: Session) -> Result<(), Broken>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut sink, mut messages) = socket.split();
    let Session { input, mut output } = session;
    let inwards = async {
        while let Some(Ok(message)) = messages.next().await {
            match message {
                Message::Binary(bytes) => {
                    let Some(sent) = read_input(&bytes) else { continue };
                    if input.send(sent).await.is_err() {
                        std::future::pending::<()>().await; // the program reads no more but still talks
                    }
                }
                Message::Close(_) => return,
                _ => {}
            }
        }
    };
    let outwards = async {
        while let Some(output) = output.next().await {
            let end = matches!(output, Output::Exit(_) | Output::Failed(_));
            sink.send(Message::Binary(write_output(&output))).await?;
            if end {
                break;
            }
        }
        sink.close().await
    };
    tokio::select! {
        () = inwards => Ok(()), // the client went
        done = outwards => done,
    }
}
