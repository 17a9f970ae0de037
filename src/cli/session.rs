//! The way from the command line to a node's API.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::UnixStream;

use super::addresses::Ports;
use super::args::NodeOptions;
use super::error::Error;
use super::ui::{Mark, Ui};
use crate::api::Ranges;
use crate::api::net::Cidr;
use crate::client::{Client, Dial, Duplex, Later, Remote};
use crate::docker::{self, Host, Node, UpOptions};

/// How long a node may take to become ready.
const PATIENCE: Duration = Duration::from_mins(1);

/// A node, and its API.
pub struct Session {
    /// The API.
    pub client: Client,
    /// The node; `None` where the API's socket was named by `WHARF_SOCKET`.
    pub node: Option<Arc<Node>>,
}

impl Session {
    /// The host's ports of ingress.
    pub fn ports(&self) -> Ports {
        let settings = self.node.as_ref().map(|n| n.settings());
        settings.map_or(Ports { http: 80, https: 443 }, |s| Ports { http: s.http, https: s.https })
    }
}

/// Opens the API of a node that is up.
///
/// # Errors
/// No such node, or Docker does not answer.
pub async fn open(name: &str) -> Result<Session, Error> {
    open_known(name).await?.ok_or_else(|| {
        Error::node(format!("there is no node \"{name}\" on the Docker host"))
            .hint("`wharf up` makes it; `wharf apply -f FILE` does so too")
    })
}

/// Opens the API of a node that is up; `None` if there is none of that name.
///
/// # Errors
/// Docker does not answer.
pub async fn open_known(name: &str) -> Result<Option<Session>, Error> {
    match by_socket() {
        Some(session) => Ok(Some(session)),
        None => Ok(find(name).await?.map(|node| session(node, None))),
    }
}

/// Opens the API of a node, bringing it up first.
///
/// # Errors
/// Docker does not answer, or the node does not come up.
pub async fn up(name: &str, options: &NodeOptions, ui: &mut Ui) -> Result<Session, Error> {
    if let Some(session) = by_socket() {
        return Ok(session);
    }
    let options = up_options(name, options)?;
    let title = format!("node/{name}");
    let host = Host::connect().await?;
    let known = Node::find(&host, name).await?;
    let (node, stream) = match &known {
        // Opening the stream takes longer than all questions to the engine: both go on side by side.
        Some(known) if known.is_running() => {
            let (node, stream) = tokio::join!(Node::ensure(&host, &options), known.dial());
            let node = node?;
            let same = node.is_same(known);
            (node, stream.ok().filter(|_| same))
        }
        Some(_) => (Node::ensure(&host, &options).await?, None),
        None => {
            ui.line(&title, Mark::Going, "coming up");
            (Node::ensure(&host, &options).await?, None)
        }
    };
    let dialled = stream.is_some();
    let session = session(node, stream);
    let answers = dialled && session.client.ready().await.is_ok();
    if let Some(node) = session.node.as_ref().filter(|_| !answers) {
        node.wait_ready(PATIENCE).await?;
    }
    if let Some(node) = session.node.as_ref().filter(|_| known.is_none()) {
        ui.line(&title, Mark::Done, &format!("up, with the addresses {}", node.settings().subnet));
    }
    Ok(session)
}

/// The node of this name, if the Docker host has it.
///
/// # Errors
/// Docker does not answer.
pub async fn find(name: &str) -> Result<Option<Node>, Error> {
    Ok(Node::find(&Host::connect().await?, name).await?)
}

/// The API of a node; the first connection goes over the stream, if there is one.
fn session(node: Node, stream: Option<Box<dyn Duplex>>) -> Session {
    let node = Arc::new(node);
    let way = Through { node: Arc::clone(&node), opened: Mutex::new(stream) };
    Session { client: Client::Remote(Remote::new(way)), node: Some(node) }
}

/// The API behind a socket, for agents that run without Docker.
fn by_socket() -> Option<Session> {
    let path = std::env::var_os("WHARF_SOCKET")?;
    Some(Session { client: Client::Remote(Remote::new(Socket(path.into()))), node: None })
}

/// The way through the Docker engine.
struct Through {
    node: Arc<Node>,
    /// A stream that is open already and that nobody uses.
    opened: Mutex<Option<Box<dyn Duplex>>>,
}

impl Dial for Through {
    fn dial(&self) -> Later<'_, io::Result<Box<dyn Duplex>>> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).take();
        Box::pin(async {
            match opened {
                Some(stream) => Ok(stream),
                None => self.node.dial().await.map_err(io::Error::other),
            }
        })
    }
}

/// The way to a socket of this machine.
struct Socket(PathBuf);

impl Dial for Socket {
    fn dial(&self) -> Later<'_, io::Result<Box<dyn Duplex>>> {
        Box::pin(async { UnixStream::connect(&self.0).await.map(|stream| Box::new(stream) as _) })
    }
}

fn up_options(name: &str, options: &NodeOptions) -> Result<UpOptions, Error> {
    let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(fit) || name.len() > 40 {
        return Err(Error::usage(format!(
            "\"{name}\" can't name a node: up to 40 lower-case letters, digits and hyphens, a letter first"
        )));
    }
    let subnet: Option<Cidr> = options.subnet.as_deref().map(str::parse).transpose().map_err(Error::usage)?;
    subnet.map(Ranges::of).transpose().map_err(Error::usage)?;
    Ok(UpOptions {
        node: name.to_owned(),
        subnet,
        bind: options.bind.clone(),
        image: None,
        http: options.http_port,
        https: options.https_port,
        ingress_image: options.ingress_image.clone(),
        sysctls: options.allowed_unsafe_sysctls.clone(),
    })
}

impl From<docker::Error> for Error {
    fn from(error: docker::Error) -> Self {
        let told = Self::node(error.to_string());
        match (&error, std::error::Error::source(&error)) {
            (docker::Error::Unreachable { .. }, Some(source)) => unreachable(told, source),
            (_, Some(source)) => told.because(source),
            (_, None) => told,
        }
    }
}

/// The layers of the connection say the same in ever plainer words: the innermost is told, and what to do about it.
fn unreachable(mut told: Error, source: &(dyn std::error::Error + 'static)) -> Error {
    let innermost = std::iter::successors(Some(source), |e| e.source()).last().unwrap_or(source).to_string();
    let hint = if innermost.contains("ermission denied") {
        "your user may not speak to Docker: use sudo, or become a member of the group \"docker\""
    } else {
        "start Docker there, or say with DOCKER_HOST or `docker context use` where it is"
    };
    told.causes.push(innermost);
    told.hint(hint)
}
