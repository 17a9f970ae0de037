//! A door to a node for a program on this machine: TLS on a loopback port, which only a certificate made for it opens.
//! Bytes go through to the node's socket as they are.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Error, Remote};
use crate::api::Timestamp;
use crate::apiserver::access::{Authority, Pair};
use crate::apiserver::http::settings;

/// A door that is open until this is dropped.
pub struct Gate {
    /// Where it is.
    pub address: SocketAddr,
    /// The certificate of the authority that vouches for it, in PEM.
    pub authority: String,
    /// What opens it. The key must be kept secret.
    pub client: Pair,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Gate {
    /// Opens a door to the node, at the port if that is free and at any other if not.
    ///
    /// # Errors
    /// If this machine has no loopback port or no random bytes left.
    pub async fn open(remote: &Remote, port: u16) -> Result<Self, Error> {
        let broken = |e: &dyn std::fmt::Display| super::remote::no_answer(e.to_string());
        let now = Timestamp::now();
        let authority = Authority::generate("gate", now).and_then(|pair| Authority::of("gate", pair));
        let authority = authority.map_err(|e| broken(&e))?;
        let own = authority.server(&[], &[Ipv4Addr::LOCALHOST.into()], now).map_err(|e| broken(&e))?;
        let client = authority.client("owner", "", now).map_err(|e| broken(&e))?;
        let settings = settings(&own, authority.certificate()).map_err(|e| broken(&e))?;
        let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => listener,
            Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(|e| broken(&e))?,
        };
        let address = listener.local_addr().map_err(|e| broken(&e))?;
        let serving = tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(settings)), remote.clone()));
        Ok(Self { address, authority: authority.certificate().to_owned(), client, serving })
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, remote: Remote) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, remote) = (acceptor.clone(), remote.clone());
        tokio::spawn(async move {
            let Ok(mut near) = acceptor.accept(stream).await else { return };
            // The node takes whoever comes through for its owner: nobody may come without the key.
            if near.get_ref().1.peer_certificates().is_none_or(<[_]>::is_empty) {
                return;
            }
            match remote.connect().await {
                Ok(mut far) => {
                    let _ = copy_bidirectional(&mut near, &mut far).await;
                }
                Err(error) => tracing::debug!(%error, "the node can't be reached through the gate"),
            }
        });
    }
}
