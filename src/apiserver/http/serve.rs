//! Connections: HTTP/1.1 with upgrades and HTTP/2 without, over any stream.

use std::convert::Infallible;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixListener;
use tokio::sync::Semaphore;

use crate::api::View;
use crate::apiserver::access::{Authority, Peer};
use crate::apiserver::{Forecaster, PodStreams, Rest};

/// How long a client may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(10);
/// How many requests may be answered at once for clients from afar. A watch counts until it flows.
const REQUESTS: usize = 400;
/// How many requests of one HTTP/2 connection may be open at once, as Kubernetes' own server.
const STREAMS: u32 = 250;

/// Where the newest view is had from.
pub type Views = Arc<dyn Fn() -> Arc<View> + Send + Sync>;

/// What answers requests. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    /// The verbs.
    pub rest: Rest,
    /// Logs and programs of pods.
    pub streams: Arc<dyn PodStreams>,
    /// What the controllers would do; `None` where there are none.
    pub forecaster: Option<Forecaster>,
    /// What roles and bindings there are.
    pub view: Views,
    /// What signs the certificates of clients, if the node has it.
    pub authority: Option<Arc<Authority>>,
    /// The places for requests from afar.
    pub(super) places: Arc<Semaphore>,
}

impl Api {
    /// An API over these verbs.
    pub fn new(rest: Rest, streams: Arc<dyn PodStreams>, view: Views) -> Self {
        let places = Arc::new(Semaphore::new(REQUESTS));
        Self { rest, streams, forecaster: None, view, authority: None, places }
    }

    /// The same API, which signs certificates for clients.
    #[must_use]
    pub fn certifying(mut self, authority: Arc<Authority>) -> Self {
        self.authority = Some(authority);
        self
    }

    /// The same API, which tells what the controllers would do.
    #[must_use]
    pub fn forecasting(mut self, forecaster: Forecaster) -> Self {
        self.forecaster = Some(forecaster);
        self
    }
}

/// Answers the requests of one connection until it ends.
pub async fn serve(io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, api: Api, peer: Peer) {
    let peer = Arc::new(peer);
    let service = service_fn(move |request| {
        let (api, peer) = (api.clone(), Arc::clone(&peer));
        async move { Ok::<_, Infallible>(api.answer(request, &peer).await) }
    });
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    server.http2().timer(TokioTimer::new()).max_concurrent_streams(STREAMS);
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
        tokio::spawn(serve(stream, api.clone(), Peer::Local));
    }
}
