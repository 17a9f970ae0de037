//! Takes ports of a publisher's pod and sends on to the address of its Service: bytes for TCP, datagrams for UDP.

mod tcp;
#[cfg(test)]
mod tests;
mod udp;

use std::io;
use std::net::SocketAddr;
use std::str::FromStr;

use tokio::net::{TcpListener, UdpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What is published.
#[derive(Debug, clap::Args)]
pub struct Publish {
    /// A port and where it leads, such as tcp:8080=10.201.128.9:80
    #[arg(required = true)]
    routes: Vec<Route>,
}

/// One port and where it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Route {
    udp: bool,
    port: u16,
    to: SocketAddr,
}

impl FromStr for Route {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (from, to) = text.split_once('=')?;
            let (protocol, port) = from.split_once(':')?;
            let udp = match protocol {
                "tcp" => false,
                "udp" => true,
                _ => return None,
            };
            Some(Self { udp, port: port.parse().ok()?, to: to.parse().ok()? })
        };
        parse().ok_or_else(|| format!("{text:?} is not PROTOCOL:PORT=ADDRESS:PORT with tcp or udp"))
    }
}

/// Runs until a SIGTERM or SIGINT, and then until the connections have ended: the kubelet ends those that take longer
/// than the pod's grace period.
///
/// # Errors
/// If a port can't be had.
pub(super) async fn run(publish: &Publish) -> io::Result<()> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (end, ending) = watch::channel(());
    let mut servers = JoinSet::new();
    for route in &publish.routes {
        if route.udp {
            let socket = UdpSocket::bind(("0.0.0.0", route.port)).await?;
            servers.spawn(udp::serve(socket, route.to, ending.clone()));
        } else {
            let listener = TcpListener::bind(("0.0.0.0", route.port)).await?;
            servers.spawn(tcp::serve(listener, route.to, ending.clone()));
        }
    }
    drop(ending);
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    drop(end);
    while servers.join_next().await.is_some() {}
    Ok(())
}
