//! Asks other servers.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hickory_proto::op::{Message, ResponseCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::cache::Cache;

/// How long one server is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a question came, and so how its answer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// One datagram.
    Udp,
    /// A stream, where answers have any length.
    Tcp,
}

/// The servers, in the order they are asked, and what they said lately.
#[derive(Debug)]
pub struct Forwarder {
    upstreams: Vec<SocketAddr>,
    cache: Mutex<Cache>,
}

impl Forwarder {
    /// Forwards to these servers.
    pub fn new(upstreams: Vec<SocketAddr>) -> Self {
        Self { upstreams, cache: Mutex::default() }
    }

    /// The answer to a query, `None` where no server gave one.
    pub async fn ask(&self, query: &Message, transport: Transport) -> Option<Message> {
        if let Some(reply) = self.cache().get(query, Instant::now()) {
            return Some(reply);
        }
        let mut last = None;
        for server in &self.upstreams {
            let Ok(Ok(bytes)) = timeout(PATIENCE, exchange(*server, query, transport)).await else { continue };
            let Ok(mut reply) = Message::from_vec(&bytes) else { continue };
            reply.metadata.id = query.metadata.id;
            if !matches!(reply.metadata.response_code, ResponseCode::ServFail | ResponseCode::Refused) {
                self.cache().put(query, &bytes, Instant::now());
                return Some(reply);
            }
            last = Some(reply);
        }
        last
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks by UDP, and once more by TCP where the answer is too long and the client can take it.
async fn exchange(server: SocketAddr, query: &Message, transport: Transport) -> io::Result<Vec<u8>> {
    let mut query = query.clone();
    // An id and a port that nobody can guess keep forged answers out.
    query.metadata.id = (RandomState::new().hash_one(server) & 0xffff) as u16;
    let question = query.to_vec().map_err(io::Error::other)?;
    let any = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
    socket.connect(server).await?;
    socket.send(&question).await?;
    let mut buffer = vec![0; 4096];
    loop {
        let length = socket.recv(&mut buffer).await?;
        let Ok(reply) = Message::from_vec(&buffer[..length]) else { continue };
        if reply.metadata.id != query.metadata.id || reply.queries != query.queries {
            continue;
        }
        if reply.metadata.truncation && transport == Transport::Tcp {
            return exchange_stream(server, &question).await;
        }
        buffer.truncate(length);
        return Ok(buffer);
    }
}

async fn exchange_stream(server: SocketAddr, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    send(&mut stream, question).await?;
    receive(&mut stream).await
}

/// Writes a message to a stream, its length first. <https://www.rfc-editor.org/rfc/rfc1035#section-4.2.2>
///
/// # Errors
/// The stream's.
pub async fn send(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), message].concat()).await
}

/// Reads a message from a stream.
///
/// # Errors
/// The stream's, also at its end.
pub async fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let length = stream.read_u16().await?;
    let mut message = vec![0; length.into()];
    stream.read_exact(&mut message).await?;
    Ok(message)
}
