//! Running a program in a container from outside, over a WebSocket on a connection of its own.

use futures_util::{SinkExt, StreamExt, stream};
use hyper::header::{HeaderValue, SEC_WEBSOCKET_PROTOCOL};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error as Broken, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::remote::unreachable;
use super::request::Request;
use super::{Duplex, Error, Input, Output, Remote, Session};
use crate::apiserver::http::channels::{PROTOCOLS, read_output, write_input};

/// How many messages wait in each direction before the sender has to.
const WAITING: usize = 16;

impl Remote {
    /// Opens the WebSocket that a request asks for.
    pub(super) async fn session(&self, request: &Request) -> Result<Session, Error> {
        let mut upgrade = format!("ws://wharf{}", request.path).into_client_request().map_err(unreachable)?;
        // v5 alone: in v4 the end of standard input can't be told.
        upgrade.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOLS[0]));
        let socket = match client_async(upgrade, self.connect().await?).await {
            Ok((socket, _)) => socket,
            Err(Broken::Http(response)) => {
                let status = response.body().as_deref().and_then(|body| serde_json::from_slice(body).ok());
                return Err(Error::of_status(response.status().as_u16(), &status.unwrap_or_default()));
            }
            Err(e) => return Err(unreachable(e)),
        };
        let (input, inputs) = mpsc::channel(WAITING);
        let (outputs, output) = mpsc::channel(WAITING);
        tokio::spawn(carry(socket, inputs, outputs));
        let output = stream::unfold(output, async |mut output| output.recv().await.map(|next| (next, output)));
        Ok(Session { input, output: Box::pin(output) })
    }
}

/// Carries both directions until the program or the connection ends, or nobody reads any more.
async fn carry(
    mut socket: WebSocketStream<Box<dyn Duplex>>,
    mut inputs: mpsc::Receiver<Input>,
    outputs: mpsc::Sender<Output>,
) {
    let mut open = true;
    loop {
        tokio::select! {
            input = inputs.recv(), if open => {
                open = input.is_some();
                let sent = socket.send(Message::Binary(write_input(&input.unwrap_or(Input::End)))).await;
                if sent.is_err() {
                    open = false; // what the program said before may still be there to read
                }
            }
            () = outputs.closed() => return,
            message = socket.next() => {
                let output = match message {
                    Some(Ok(Message::Binary(bytes))) => read_output(&bytes),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => {
                        Some(Output::Failed("the connection ended before the program".to_owned()))
                    }
                    Some(Ok(_)) => None,
                };
                let Some(output) = output else { continue };
                let end = matches!(output, Output::Exit(_) | Output::Failed(_));
                if outputs.send(output).await.is_err() || end {
                    return;
                }
            }
        }
    }
}
