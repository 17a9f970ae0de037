//! A small web page that says which pod answered: what `examples/hello` runs, on any host and with no pull at all.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

const DEFAULT_PORT: u16 = 8080;
/// The pause when no connection can be accepted, as when the process has too many open files.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves until a SIGTERM or SIGINT, then lets the requests that are under way end.
///
/// # Errors
/// If the port is none, or can't be had.
pub(super) async fn run() -> io::Result<()> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let listener = TcpListener::bind(("0.0.0.0", port(std::env::var("PORT").ok())?)).await?;
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname")?.trim().to_owned();
    let (end, ending) = watch::channel(());
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = term.recv() => break,
            _ = int.recv() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(serve(stream, name.clone(), ending.clone()))),
                Err(_) => sleep(PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop((listener, end));
    while connections.join_next().await.is_some() {}
    Ok(())
}

fn port(text: Option<String>) -> io::Result<u16> {
    let Some(text) = text.filter(|t| !t.is_empty()) else { return Ok(DEFAULT_PORT) };
    text.parse().map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, format!("PORT {text:?} is not a port")))
}

async fn serve(stream: TcpStream, name: String, mut ending: watch::Receiver<()>) {
    let service = service_fn(|request: Request<Incoming>| {
        let answer = answer(request.uri().path(), &name);
        async { Ok::<_, Infallible>(answer) }
    });
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // A client that goes away is no concern of a page.
        _ = connection.as_mut() => {}
        _ = ending.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// The page, under every path but that of the probe.
fn answer(path: &str, name: &str) -> Response<Full<Bytes>> {
    let (kind, text) = match path {
        "/healthz" => ("text/plain", "ok\n".to_owned()),
        _ => ("text/html; charset=utf-8", page(name)),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, hyper::header::HeaderValue::from_static("no-store"));
    response
}

/// A host name can only hold letters, digits, hyphens and dots: nothing to escape.
fn page(name: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Hello from wharf</title>\n\
         <style>body {{ font: 1.5rem system-ui; margin: 20vh auto; max-width: 30rem }}</style>\n\
         <h1>Hello from wharf</h1>\n<p>This page comes from the pod <code>{name}</code>.</p>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[test]
    fn the_port_is_8080_unless_set() {
        assert_eq!(port(None).unwrap(), 8080);
        assert_eq!(port(Some("80".to_owned())).unwrap(), 80);
        assert_eq!(port(Some("http".to_owned())).unwrap_err().to_string(), "PORT \"http\" is not a port");
    }

    #[tokio::test]
    async fn the_page_names_the_pod() {
        let body = answer("/", "hello-x1").into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8(body.to_vec()).unwrap().contains("<code>hello-x1</code>"));
        let probe = answer("/healthz", "hello-x1").into_body().collect().await.unwrap().to_bytes();
        assert_eq!(probe, "ok\n");
    }
}
