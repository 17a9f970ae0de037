//! The API over TLS, for whoever reaches the node: with bounds on what a client can take up.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use super::{Api, serve};
use crate::apiserver::access::{Pair, Peer, certified};

/// How many connections there may be at once.
const CONNECTIONS: usize = 512;
/// How long a client may take to shake hands.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Why TLS can't be served. Keys are never told.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A certificate or key is none.
    #[error("the certificate of the API can't be used: {0}")]
    Certificate(String),
    /// The address can't be had, or accepts no more.
    #[error("the address of the API")]
    Listen(#[from] std::io::Error),
}

/// How the API shows itself, and whose certificates it takes: those of the authority whose certificate is `authority`, in
/// PEM. A client need not show one: it may have a token.
///
/// # Errors
/// If a certificate or the key is none.
pub fn settings(own: &Pair, authority: &str) -> Result<ServerConfig, TlsError> {
    let bad = |e: &dyn std::fmt::Display| TlsError::Certificate(e.to_string());
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(authority.as_bytes()).map_err(|e| bad(&e))?;
    roots.add(root).map_err(|e| bad(&e))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .allow_unauthenticated()
        .build()
        .map_err(|e| bad(&e))?;
    let chain = vec![CertificateDer::from_pem_slice(own.certificate.as_bytes()).map_err(|e| bad(&e))?];
    let key = PrivateKeyDer::from_pem_slice(own.key.as_bytes()).map_err(|e| bad(&e))?;
    let mut settings = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| bad(&e))?
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, key)
        .map_err(|e| bad(&e))?;
    settings.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(settings)
}

/// Answers every connection to an address over TLS.
///
/// # Errors
/// If the address can't be had.
pub async fn listen_tls(address: SocketAddr, settings: ServerConfig, api: Api) -> Result<(), TlsError> {
    let listener = TcpListener::bind(address).await?;
    let acceptor = TlsAcceptor::from(Arc::new(settings));
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        // While there are too many, new ones wait in the kernel's queue.
        let Ok(place) = Arc::clone(&connections).acquire_owned().await else { return Ok(()) };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, or the client was gone already: neither may end the API.
                tracing::warn!(%error, "a connection to the API was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (acceptor, api) = (acceptor.clone(), api.clone());
        tokio::spawn(async move {
            shake_hands(stream, acceptor, api).await;
            drop(place);
        });
    }
}

async fn shake_hands(stream: TcpStream, acceptor: TlsAcceptor, api: Api) {
    let stream = match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%error, "a client of the API did not shake hands"),
        Err(_) => return tracing::debug!("a client of the API took too long to shake hands"),
    };
    let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let user = certificate.and_then(|c| certified(c));
    serve(stream, api, Peer::Far(user)).await;
}
