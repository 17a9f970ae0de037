//! Probes against listeners on this machine, and a container engine that answers from a table.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::api::Timestamp;
use crate::kubelet::probes::{Health, Prober, http_hook};
use crate::kubelet::runtime::{
    About, AttachSpec, Chunk, Container, ContainerSpec, Credentials, Error, Event, Exec, ExecSpec, Flow, Image, Later,
    Limits, LogOptions, PullProgress, Reading, VolumeSpec,
};

/// An engine that only runs programs: the first argument is what they write, the second their exit code.
struct Engine;

#[rustfmt::skip]
impl Runtime for Engine {
    fn exec<'a>(&'a self, _: &'a str, spec: &'a ExecSpec) -> Later<'a, Result<Exec, Error>> {
        let said = bytes::Bytes::from(spec.command[0].clone());
        let output: Flow<_> = match spec.command[0].as_str() {
            "hang" => Box::pin(futures_util::stream::pending()),
            _ => Box::pin(futures_util::stream::iter([Ok(Chunk::Err(said))])),
        };
        let input: Pin<Box<dyn tokio::io::AsyncWrite + Send>> = Box::pin(tokio::io::sink());
        Box::pin(async move { Ok(Exec { id: spec.command[1].clone(), input, output }) })
    }
    fn exec_code<'a>(&'a self, exec: &'a str) -> Later<'a, Result<Option<i64>, Error>> {
        Box::pin(async move { Ok(exec.parse().ok()) })
    }
    fn about(&self) -> Later<'_, Result<About, Error>> { unreachable!() }
    fn containers(&self) -> Later<'_, Result<Vec<Container>, Error>> { unreachable!() }
    fn inspect<'a>(&'a self, _: &'a str) -> Later<'a, Result<Container, Error>> { unreachable!() }
    fn create<'a>(&'a self, _: &'a ContainerSpec) -> Later<'a, Result<String, Error>> { unreachable!() }
    fn start<'a>(&'a self, _: &'a str) -> Later<'a, Result<(), Error>> { unreachable!() }
    fn stop<'a>(&'a self, _: &'a str, _: i64) -> Later<'a, Result<(), Error>> { unreachable!() }
    fn remove<'a>(&'a self, _: &'a str) -> Later<'a, Result<(), Error>> { unreachable!() }
    fn image<'a>(&'a self, _: &'a str) -> Later<'a, Result<Option<Image>, Error>> { unreachable!() }
    fn pull<'a>(&'a self, _: &'a str, _: Option<&'a Credentials>, _: &'a (dyn Fn(PullProgress) + Send + Sync)) -> Later<'a, Result<(), Error>> { unreachable!() }
    fn resize<'a>(&'a self, _: &'a str, _: &'a Limits) -> Later<'a, Result<(), Error>> { unreachable!() }
    fn attach<'a>(&'a self, _: &'a str, _: AttachSpec) -> Later<'a, Result<Exec, Error>> { unreachable!() }
    fn attach_resize<'a>(&'a self, _: &'a str, _: u16, _: u16) -> Later<'a, Result<(), Error>> { unreachable!() }
    fn exec_resize<'a>(&'a self, _: &'a str, _: u16, _: u16) -> Later<'a, Result<(), Error>> { unreachable!() }
    fn logs<'a>(&'a self, _: &'a str, _: &'a LogOptions) -> Later<'a, Result<Flow<Result<Chunk, Error>>, Error>> { unreachable!() }
    fn usage<'a>(&'a self, _: &'a str) -> Later<'a, Result<Reading, Error>> { unreachable!() }
    fn events(&self) -> Later<'_, Result<Flow<Result<Event, Error>>, Error>> { unreachable!() }
    fn create_volume<'a>(&'a self, _: &'a VolumeSpec) -> Later<'a, Result<(), Error>> { unreachable!() }
    fn copy_image<'a>(&'a self, _: &'a str, _: &'a VolumeSpec) -> Later<'a, Result<(), Error>> { unreachable!() }
    fn remove_volume<'a>(&'a self, _: &'a str) -> Later<'a, Result<(), Error>> { unreachable!() }
    fn volumes(&self) -> Later<'_, Result<Vec<String>, Error>> { unreachable!() }
}

/// A web server that answers `/503` with that status, and `/to/503` with a redirect to it; `/headers` with 200 only if the request is as a kubelet's; and
/// `/silence` never. Returns its port.
async fn server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 2048];
                let read = stream.read(&mut request).await.unwrap();
                let request = String::from_utf8_lossy(&request[..read]).to_lowercase();
                let path = request.split(' ').nth(1).unwrap_or_default();
                let wanted = ["user-agent: kube-probe/1.36\r\n", "host: shop.test\r\n", "x-key: v\r\n"];
                let status = match path.trim_start_matches('/') {
                    "silence" => return std::future::pending().await,
                    "headers" => {
                        if wanted.iter().all(|h| request.contains(h)) {
                            "200"
                        } else {
                            "400"
                        }
                    }
                    "" => "200",
                    "round" | "elsewhere" => "302",
                    to if to.starts_with("to/") => "301",
                    status => status,
                };
                let location = match path {
                    "/round" => "location: /round\r\n".to_owned(),
                    "/elsewhere" => "location: http://localhost:1/\r\n".to_owned(),
                    to => to.strip_prefix("/to").map(|to| format!("location: {to}\r\n")).unwrap_or_default(),
                };
                let answer = format!("HTTP/1.1 {status} x\r\n{location}content-length: 5\r\n\r\nhello");
                stream.write_all(answer.as_bytes()).await.unwrap();
            });
        }
    });
    port
}

fn target(port: u16, probes: Value) -> Target {
    let mut container = probes;
    container["name"] = json!("web");
    container["ports"] = json!([{"name": "http", "containerPort": port}]);
    Target {
        container: serde_json::from_value(container).unwrap(),
        id: "one".to_owned(),
        started: Timestamp::now(),
        pod_ip: "127.0.0.1".to_owned(),
        was_started: false,
        was_ready: false,
    }
}

async fn ask(port: u16, probe: Value) -> String {
    let target = target(port, json!({"livenessProbe": probe}));
    let outcome = run(&Engine, target.container.liveness_probe.as_ref().unwrap(), &target).await;
    let text = match outcome {
        Outcome::Passed => "good".to_owned(),
        Outcome::Warned(why) => format!("good, but {why}"),
        Outcome::Failed(why) => why,
        Outcome::Errored(why) => format!("impossible: {why}"),
    };
    text.replace(&port.to_string(), "PORT")
}

#[tokio::test]
async fn by_http() {
    let port = server().await;
    let get = |path: &str| ask(port, json!({"httpGet": {"port": "http", "path": path}}));
    let headers = json!([{"name": "Host", "value": "shop.test"}, {"name": "X-Key", "value": "v"}]);
    let mut said = Vec::new();
    for path in ["", "/302", "/400", "503", "/to/200", "/to/418", "/round", "/elsewhere", "/silence"] {
        said.push(get(path).await);
    }
    said.push(ask(port, json!({"httpGet": {"port": port, "path": "/headers", "httpHeaders": headers}})).await);
    said.push(ask(port, json!({"httpGet": {"port": "no"}})).await);
    said.push(ask(port, json!({"httpGet": {"port": 0}})).await);
    said.push(ask(port, json!({"httpGet": {"port": 1, "host": "localhost"}})).await);
    said.push(ask(port, json!({"httpGet": {"port": port, "scheme": "HTTPS"}})).await);
    insta::assert_snapshot!(said.join("\n"), @r#"
    good
    good, but Probe terminated redirects, Response body: hello
    HTTP probe failed with statuscode: 400
    HTTP probe failed with statuscode: 503
    good
    HTTP probe failed with statuscode: 418
    Get "http://127.0.0.1:PORT/round": stopped after 10 redirects
    good, but Probe terminated redirects, Response body: hello
    Get "http://127.0.0.1:PORT/silence": context deadline exceeded (Client.Timeout exceeded while awaiting headers)
    good
    impossible: couldn't find port: no
    impossible: invalid port number: 0
    Get "http://localhost:1/": dial tcp localhost:1: connect: connection refused
    Get "https://127.0.0.1:PORT/": http: server gave HTTP response to HTTPS client
    "#);
}

#[tokio::test]
async fn by_tcp_and_exec() {
    let port = server().await;
    let said = [
        ask(port, json!({"tcpSocket": {"port": "http"}})).await,
        ask(port, json!({"tcpSocket": {"port": 1}})).await,
        ask(port, json!({"exec": {"command": ["fine", "0"]}})).await,
        ask(port, json!({"exec": {"command": ["no such table\n", "2"]}})).await,
        ask(port, json!({"exec": {"command": ["hang", "0"]}})).await,
        ask(port, json!({})).await,
    ];
    insta::assert_snapshot!(said.join("\n"), @r#"
    good
    dial tcp 127.0.0.1:1: connect: connection refused
    good
    no such table
    command timed out: "hang 0" timed out after 1s
    impossible: missing probe handler
    "#);
}

/// A gRPC health server that knows the services `` and `down`, and hangs when asked about `hang`.
async fn grpc_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = |request: Request<Incoming>| async {
        assert_eq!(request.uri().path(), "/grpc.health.v1.Health/Check");
        assert_eq!(request.headers()["content-type"], "application/grpc");
        let asked = request.into_body().collect().await.unwrap().to_bytes();
        let (body, status): (&'static [u8], _) = match &asked[5..] {
            [] => (&[0, 0, 0, 0, 2, 8, 1], "0"),
            b"\x0a\x04down" => (&[0, 0, 0, 0, 2, 8, 2], "0"),
            b"\x0a\x04hang" => std::future::pending().await,
            _ => (&[], "5"),
        };
        let trailers = HeaderMap::from_iter([("grpc-status".parse().unwrap(), status.parse().unwrap())]);
        let body = Full::new(Bytes::from(body)).with_trailers(async { Some(Ok(trailers)) });
        Ok::<_, std::convert::Infallible>(
            Response::builder().header("content-type", "application/grpc").body(body).unwrap(),
        )
    };
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let server = http2::Builder::new(TokioExecutor::new());
            tokio::spawn(server.serve_connection(TokioIo::new(stream), service_fn(answer)));
        }
    });
    port
}

#[tokio::test]
async fn by_grpc() {
    let (port, web) = (grpc_server().await, server().await);
    let said = [
        ask(port, json!({"grpc": {"port": port}})).await,
        ask(port, json!({"grpc": {"port": port, "service": "down"}})).await,
        ask(port, json!({"grpc": {"port": port, "service": "none"}})).await,
        ask(port, json!({"grpc": {"port": port, "service": "hang"}})).await,
        ask(port, json!({"grpc": {"port": 1}})).await,
    ];
    insta::assert_snapshot!(said.join("\n"), @r#"
    good
    service unhealthy (responded with "NOT_SERVING")
    error: health rpc probe failed: rpc error: code = NotFound desc = 
    timeout: health rpc did not complete within 1s
    error: failed to connect service at "127.0.0.1:1": dial tcp 127.0.0.1:1: connect: connection refused
    "#);
    let other = ask(web, json!({"grpc": {"port": web}})).await;
    assert!(other.starts_with("error: health rpc probe failed: rpc error: code = Unavailable desc = "), "{other}");
}

#[tokio::test]
async fn hooks_take_any_answer() {
    let port = server().await;
    let container = target(port, json!({})).container;
    let http = async |hook: Value| http_hook(&serde_json::from_value(hook).unwrap(), &container, "127.0.0.1").await;
    assert_eq!(http(json!({"port": "http", "path": "/503"})).await, Ok(()));
    // A server that does not speak TLS is asked in the clear.
    assert_eq!(http(json!({"port": "http", "path": "/200", "scheme": "HTTPS"})).await, Ok(()));
    assert_eq!(http(json!({"port": "none"})).await, Err("couldn't find port: none".to_owned()));
}

#[tokio::test]
async fn the_prober_tells_what_changes() {
    let port = server().await;
    let prober = Prober::new(Arc::new(Engine));
    let mut changed = prober.changed();
    let spec = |path: &str| json!({"startupProbe": {"tcpSocket": {"port": "http"}}, "readinessProbe": {"httpGet": {"port": "http", "path": path}}});
    let health = || prober.health("u1").remove("web").unwrap();
    prober.watch("u1", vec![target(port, spec("/"))]);
    assert_eq!(health(), Health::default());
    assert_eq!(changed.recv().await.unwrap(), "u1");
    while !health().ready {
        changed.recv().await.unwrap();
    }
    // The same target again changes nothing, whatever the pod's status says; a new container starts all over.
    prober.watch("u1", vec![Target { was_ready: true, ..target(port, spec("/")) }]);
    assert!(health().ready);
    prober.watch("u1", vec![Target { id: "two".to_owned(), ..target(port, spec("/503")) }]);
    assert!(!health().started);
    let mut remarks = Vec::new();
    while remarks.is_empty() {
        changed.recv().await.unwrap();
        remarks = prober.take_remarks("u1");
    }
    assert_eq!(remarks[0].reason, "Unhealthy");
    assert_eq!(remarks[0].message, "Readiness probe failed: HTTP probe failed with statuscode: 503");
    assert_eq!(health(), Health { started: true, ready: false, failed: None });
    assert_eq!(prober.take_remarks("u1"), []);
    // One that passes with a warning is ready, and people hear of it.
    prober.watch("u1", vec![Target { id: "three".to_owned(), ..target(port, spec("/302")) }]);
    while !health().ready {
        changed.recv().await.unwrap();
    }
    let remarks = prober.take_remarks("u1");
    assert_eq!(remarks[0].reason, "ProbeWarning");
    assert_eq!(remarks[0].message, "Readiness probe warning: Probe terminated redirects, Response body: hello");
    prober.forget("u1");
    assert!(prober.health("u1").is_empty());
}
