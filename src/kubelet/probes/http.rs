//! Asks a web server, and takes the status of its answer.

use http_body_util::Empty;
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::action::Get;

/// The status of the answer, or why there is none, in words.
pub async fn status(get: &Get) -> Result<u16, String> {
    let stream = TcpStream::connect((get.host.as_str(), get.port)).await.map_err(|e| super::run::refused(&e, get))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|e| e.to_string())?;
    let mut request = Request::get(&get.path).header("connection", "close");
    // As clients write it: without the port where it is the scheme's.
    let host = if get.port == 80 { get.host.clone() } else { format!("{}:{}", get.host, get.port) };
    if !get.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        request = request.header("host", host);
    }
    for (name, value) in &get.headers {
        request = request.header(name, value);
    }
    let request = request.body(Empty::<bytes::Bytes>::new()).map_err(|e| e.to_string())?;
    // The connection is driven beside the request and dropped with the answer's body, which nobody reads.
    tokio::select! {
        answer = sender.send_request(request) => Ok(answer.map_err(|e| e.to_string())?.status().as_u16()),
        Err(e) = connection => Err(e.to_string()),
    }
}
