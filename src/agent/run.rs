//! Starts the parts of a node in their order, and ends when told to or when one of them can't go on.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use k8s_openapi::jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing_subscriber::EnvFilter;

use super::base;
use super::keys::Keys;
use super::own_service;
use super::streams::Streams;
use crate::api::names::CLUSTER_DOMAIN;
use crate::api::{KINDS, Kind, Ranges};
use crate::apiserver::access::Authority;
use crate::apiserver::{Config, Rest, http};
use crate::client::{Client, Informer, apply};
use crate::controllers::autoscaler::Measure;
use crate::docker::{Engine, Host, Settings};
use crate::kubelet::meter::Meter;
use crate::kubelet::runtime::Runtime;
use crate::kubelet::{self, Kubelet};
use crate::store::Store;
use crate::{controllers, dns, ingress, proxy, scheduler};

/// Where the state volume is mounted in the node container.
const STATE: &str = "/var/lib/wharf";
/// Where the API listens in the node container.
const SOCKET: &str = "/run/wharf/api.sock";

/// What an agent is made of, besides its code.
pub struct Parts {
    /// The node's settings.
    pub settings: Settings,
    /// Where the state is kept.
    pub state: PathBuf,
    /// Where the API listens.
    pub socket: PathBuf,
    /// The container engine.
    pub runtime: Arc<dyn Runtime>,
    /// Whether the node has a network of its own, to serve addresses and names in.
    pub network: bool,
}

/// The agent of the node container that this process runs in: its settings come from the environment.
///
/// # Errors
/// If the settings are not there, Docker does not answer, or a part can't start.
pub async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_env("WHARF_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(std::io::stderr).init();
    let settings = Settings::from_env(&|name| std::env::var(name).ok()).map_err(anyhow::Error::msg)?;
    let host = Host::connect().await?;
    let runtime = Arc::new(Engine::new(&host, &settings.node, &settings.bind));
    run(Parts { settings, state: STATE.into(), socket: SOCKET.into(), runtime, network: true }).await
}

/// Runs an agent until SIGTERM or SIGINT. What it runs in the engine goes on without it.
///
/// # Errors
/// If a part can't start or can't go on.
pub async fn run(parts: Parts) -> anyhow::Result<()> {
    let Parts { settings, state, socket, runtime, network } = parts;
    let ranges = Ranges::of(settings.subnet).map_err(anyhow::Error::msg)?;
    let keys = Keys::open(&state, &settings.node)?;
    let rest = open(&state, &settings, ranges)?.signing(keys.signer);
    let client = Client::Local(rest.clone());
    let kinds: Vec<&'static Kind> = KINDS.iter().collect();
    let informer = Informer::start(&client, &kinds).await?;
    let base = base::plan(&informer.view(), keys.authority.certificate(), &ranges);
    informer.caught_up(apply(&client, "wharf", &base, Timestamp::now()).await.written).await;

    let mut parts: JoinSet<anyhow::Result<()>> = JoinSet::new();
    // Until they say otherwise, the kernel and nginx may go by all that there is.
    let (kernel, kernel_follows) = watch::channel(informer.view());
    let (nginx, nginx_follows) = watch::channel(informer.view());
    let mut followed = vec![nginx_follows];
    if network {
        followed.push(kernel_follows);
        // Before any pod starts: a pod that asks for a service must find it.
        let (rules, zone) = (informer.clone(), informer.clone());
        parts.spawn(async move { proxy::run(rules, ranges, kernel).await.context("service addresses") });
        let resolv = tokio::fs::read_to_string("/etc/resolv.conf").await.unwrap_or_default();
        let config = dns::Config {
            address: (ranges.node, 53).into(),
            upstreams: dns::upstreams(&resolv, ranges.node),
            ranges,
            node: settings.node.clone(),
        };
        parts.spawn(async move { dns::run(zone, config).await.context("names") });
    }
    let config = kubelet::Config {
        node: settings.node.clone(),
        image: settings.image.clone(),
        ranges,
        state_root: state.clone(),
        sysctls: settings.sysctls.clone(),
    };
    let usual = ingress::Config::default();
    let served = ingress::Config {
        http_port: settings.http,
        https_port: settings.https,
        image: settings.ingress_image.clone().unwrap_or(usual.image),
    };
    let meter = Arc::new(Meter::new(Arc::clone(&runtime)));
    let measure: Measure = {
        let meter = Arc::clone(&meter);
        Arc::new(move || {
            let meter = Arc::clone(&meter);
            Box::pin(async move { meter.measure().await.ok() })
        })
    };
    let streams = Arc::new(Streams { informer: informer.clone(), runtime: Arc::clone(&runtime), meter });
    let _kubelet = Kubelet::start(client.clone(), informer.clone(), runtime, config, followed);
    let _controllers = controllers::run(&client, &informer);
    let (scaled, view) = (client.clone(), informer.clone());
    parts.spawn(async move {
        controllers::autoscaler::run(scaled, view, measure).await;
        Ok(())
    });
    let (scheduled, view) = (client.clone(), informer.clone());
    parts.spawn(async move {
        scheduler::run(scheduled, view).await;
        Ok(())
    });
    let exec = Arc::clone(&streams) as Arc<dyn ingress::Exec>;
    let viewed = informer.clone();
    let roles: http::Views = Arc::new(move || viewed.view());
    let nginx = ingress::run(client, informer, exec, served, nginx);
    parts.spawn(async move {
        nginx.await;
        Ok(())
    });
    let authority = Arc::new(keys.authority);
    let api = http::Api::new(rest, streams, roles);
    let api = api.certifying(Arc::clone(&authority)).forecasting(super::forecast::forecast);
    if network {
        parts.spawn(far(&authority, &ranges, api.clone())?);
    }
    parts.spawn(async move { http::listen(&socket, api).await.context("the API's socket") });
    tracing::info!(node = settings.node, subnet = %settings.subnet, "the agent is up");
    wait(parts).await
}

fn open(folder: &Path, settings: &Settings, ranges: Ranges) -> anyhow::Result<Rest> {
    let log = Store::open(&folder.join("store.db")).context("the store")?;
    Ok(Rest::new(log, Config { node: settings.node.clone(), ranges })?)
}

/// The API over TLS at the node's address, under the names by which pods and the host's kubectl know it.
fn far(
    authority: &Authority,
    ranges: &Ranges,
    api: http::Api,
) -> anyhow::Result<impl Future<Output = anyhow::Result<()>> + use<>> {
    let service = format!("kubernetes.default.svc.{CLUSTER_DOMAIN}");
    let names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", &service, "localhost"];
    let addresses = [ranges.services.at(1), ranges.node, Ipv4Addr::LOCALHOST].map(IpAddr::V4);
    let pair = authority.server(&names.map(str::to_owned), &addresses, Timestamp::now())?;
    let settings = http::settings(&pair, authority.certificate())?;
    let address = (ranges.node, own_service::PORT).into();
    Ok(async move { http::listen_tls(address, settings, api).await.context("the API over TLS") })
}

/// Waits for a signal, or the first part that ends: none of them should.
async fn wait(mut parts: JoinSet<anyhow::Result<()>>) -> anyhow::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        Some(ended) = parts.join_next() => ended?.and_then(|()| Err(anyhow::anyhow!("a part of the agent ended"))),
    }
}
