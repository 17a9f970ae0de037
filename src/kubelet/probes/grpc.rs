//! Asks a gRPC server's health service, over plain HTTP/2. <https://github.com/grpc/grpc/blob/master/doc/health-checking.md>

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http2;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::health::{Status, framed_request, status_of, verdict};
use super::run::{Outcome, refused};

/// The longest answer that is read, in bytes: a good one has seven.
const LONGEST: usize = 64 * 1024;

/// Asks about a service within a bound; the words are those of Kubernetes.
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/probe/grpc/grpc.go>
pub async fn check(host: &str, port: u16, service: &str, limit: Duration) -> Outcome {
    let (end, bound) = (Instant::now() + limit, format!("{}s", limit.as_secs()));
    let stream = match timeout_at(end, TcpStream::connect((host, port))).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            let why = refused(&error, host, port);
            return Outcome::Failed(format!("error: failed to connect service at \"{host}:{port}\": {why}"));
        }
        Err(_) => {
            let why = "context deadline exceeded";
            return Outcome::Failed(format!(
                "timeout: failed to connect service \"{host}:{port}\" within {bound}: {why}"
            ));
        }
    };
    match timeout_at(end, ask(stream, host, port, service, limit)).await {
        Ok(answer) => {
            let judged = answer.and_then(|(status, body)| verdict(&status, &body, &bound));
            judged.map_or_else(Outcome::Failed, |()| Outcome::Passed)
        }
        Err(_) => Outcome::Failed(format!("timeout: health rpc did not complete within {bound}")),
    }
}

async fn ask(
    stream: TcpStream,
    host: &str,
    port: u16,
    service: &str,
    limit: Duration,
) -> Result<(Status, Bytes), String> {
    // Small messages that must not wait for each other.
    let _ = stream.set_nodelay(true);
    let broken = |error: &dyn std::fmt::Display| {
        format!("error: health rpc probe failed: rpc error: code = Unavailable desc = {error}")
    };
    let made = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
    let (mut sender, connection) = made.map_err(|e| broken(&e))?;
    let request = Request::post(format!("http://{host}:{port}/grpc.health.v1.Health/Check"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("user-agent", "kube-probe/1.36")
        .header("grpc-timeout", format!("{}m", limit.as_millis()))
        .body(Full::new(framed_request(service)))
        .map_err(|e| broken(&e))?;
    let work = async {
        let answer: Response<_> = sender.send_request(request).await.map_err(|e| broken(&cause(&e)))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, LONGEST).collect().await.map_err(|e| broken(&e))?;
        let none = HeaderMap::new();
        let status = status_of(head.status.as_u16(), &head.headers, body.trailers().unwrap_or(&none));
        Ok((status, body.to_bytes()))
    };
    tokio::select! {
        biased;
        answer = work => answer,
        Err(error) = connection => Err(broken(&cause(&error))),
    }
}

/// The innermost cause: the layers around it only say that there was an error.
fn cause(error: &hyper::Error) -> String {
    let first: &(dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(first), |e| e.source()).last().map(ToString::to_string).unwrap_or_default()
}
