//! Keeps the zone equal to the view, and serves it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use k8s_openapi::api::core::v1::{Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use tokio::time::sleep;

use super::error::Error;
use super::forward::Forwarder;
use super::observe::observe;
use super::serve::Server;
use super::translate::translate;
use crate::api::{Kind, Ranges};
use crate::client::Informer;

/// Changes that come together make one new zone.
const PAUSE: Duration = Duration::from_millis(20);

/// How to serve names.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen: the node's address, port 53.
    pub address: SocketAddr,
    /// Whom to ask for names outside the cluster, in order; see [`super::upstreams()`].
    pub upstreams: Vec<SocketAddr>,
    /// The node's ranges of addresses.
    pub ranges: Ranges,
    /// The node's name.
    pub node: String,
}

/// Serves names until the informer ends. The informer follows Services, EndpointSlices and Pods at least.
///
/// # Errors
/// If the address can't be listened on.
pub async fn run(informer: Informer, config: Config) -> Result<(), Error> {
    let zone = |informer: &Informer| translate(&observe(&informer.view()), &config.node, &config.ranges);
    let mut changes = informer.changes();
    let current = Arc::new(ArcSwap::from_pointee(zone(&informer)));
    let server = Server::bind(config.address, Arc::clone(&current), Forwarder::new(config.upstreams.clone())).await?;
    let kinds = [Kind::of::<Service>(), Kind::of::<EndpointSlice>(), Kind::of::<Pod>()];
    let follow = async {
        while let Some(key) = changes.recv().await {
            if kinds.contains(&key.kind) {
                sleep(PAUSE).await;
                while changes.try_recv().is_ok() {}
                current.store(Arc::new(zone(&informer)));
            }
        }
    };
    tokio::select! {
        () = server.run() => {}
        () = follow => {}
    }
    Ok(())
}
