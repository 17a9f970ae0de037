//! Connections: HTTP/1.1 with upgrades and HTTP/2 without, over any stream.

use std::convert::Infallible;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixListener;

use crate::apiserver::{Forecaster, PodStreams, Rest};

/// What answers requests. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    /// The verbs.
    pub rest: Rest,
    /// Logs and programs of pods.
    pub streams: Arc<dyn PodStreams>,
    /// What the controllers would do; `None` where there are none.
    pub forecaster: Option<Forecaster>,
}

/// Answers the requests of one connection until it ends.
pub async fn serve(io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, api: Api) {
    let service = service_fn(move |request| {
        let api = api.clone();
        async move { Ok::<_, Infallible>(api.answer(request).await) }
    });
    let server = auto::Builder::new(TokioExecutor::new());
    if let Err(error) = server.serve_connection_with_upgrades(TokioIo::new(io), service).await {
        tracing::debug!(error, "a connection to the API broke off");
    }
}

/// Answers every connection to a Unix socket, which only its owner may open. A socket that is left over is replaced.
///
/// # Errors
/// If the socket can't be made or accepts no more.
pub async fn listen(path: &Path, api: Api) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(serve(stream, api.clone()));
    }
}
