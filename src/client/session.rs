//! Running a program in a container from outside, over a WebSocket on a connection of its own.

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt, stream};
use http_body_util::Empty;
use hyper::StatusCode;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HOST, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::remote::{no_answer, refusal};
use super::request::Request;
use super::{Error, Input, Output, Remote, Session};
use crate::apiserver::http::channels::{PROTOCOLS, read_output, write_input};

/// How many messages wait in each direction before the sender has to.
const WAITING: usize = 16;

impl Remote {
    /// Opens the WebSocket that a request asks for. The handshake is HTTP's own, as a refusal has to be read whole.
    pub(super) async fn session(&self, request: &Request) -> Result<Session, Error> {
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(self.connect().await?)).await.map_err(no_answer)?;
        tokio::spawn(connection.with_upgrades());
        let upgrade = hyper::Request::get(&request.path)
            .header(HOST, "wharf")
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, generate_key())
            // v5 alone: in v4 the end of standard input can't be told.
            .header(SEC_WEBSOCKET_PROTOCOL, PROTOCOLS[0])
            .body(Empty::<Bytes>::new())
            .map_err(no_answer)?;
        let response = sender.send_request(upgrade).await.map_err(no_answer)?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(refusal(response).await);
        }
        let stream = TokioIo::new(hyper::upgrade::on(response).await.map_err(no_answer)?);
        let socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
        let (input, inputs) = mpsc::channel(WAITING);
        let (outputs, output) = mpsc::channel(WAITING);
        tokio::spawn(carry(socket, inputs, outputs));
        let output = stream::unfold(output, async |mut output| output.recv().await.map(|next| (next, output)));
        Ok(Session { input, output: Box::pin(output) })
    }
}

/// Carries both directions until the program or the connection ends, or nobody reads any more.
async fn carry(
    mut socket: WebSocketStream<TokioIo<Upgraded>>,
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
