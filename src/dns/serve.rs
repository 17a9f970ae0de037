//! Answers questions that come by UDP and TCP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::Name;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::answer::{Answer, PAYLOAD, answer, response};
use super::encode::{LEAST, encode};
use super::error::Error;
use super::forward::{Forwarder, Transport, receive, send};
use super::zone::Zone;

/// Questions that wait for other servers; more are told to come again.
const WAITING: usize = 512;
/// Streams that are open; more wait in the kernel's queue.
const STREAMS: usize = 64;
/// A stream without a question for so long is closed.
const IDLE: Duration = Duration::from_secs(10);
/// After an error of a socket, such as no memory.
const PAUSE: Duration = Duration::from_millis(100);

/// The server's two sockets, and what it answers from.
#[derive(Debug)]
pub struct Server {
    udp: UdpSocket,
    tcp: TcpListener,
    zone: Arc<ArcSwap<Zone>>,
    forwarder: Forwarder,
    waiting: Semaphore,
    streams: Arc<Semaphore>,
}

impl Server {
    /// Listens.
    ///
    /// # Errors
    /// If the address is taken, or not the node's.
    pub async fn bind(address: SocketAddr, zone: Arc<ArcSwap<Zone>>, forwarder: Forwarder) -> Result<Arc<Self>, Error> {
        let failed = |source| Error::Listen { address, source };
        let udp = UdpSocket::bind(address).await.map_err(failed)?;
        // Port 0, which tests use, is one port for both.
        let tcp = TcpListener::bind(udp.local_addr().map_err(failed)?).await.map_err(failed)?;
        let (waiting, streams) = (Semaphore::new(WAITING), Arc::new(Semaphore::new(STREAMS)));
        Ok(Arc::new(Self { udp, tcp, zone, forwarder, waiting, streams }))
    }

    /// Where the server listens.
    ///
    /// # Errors
    /// The kernel's.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.udp.local_addr()
    }

    /// Answers for ever.
    pub async fn run(self: Arc<Self>) {
        tokio::join!(Arc::clone(&self).datagrams(), self.connections());
    }

    async fn datagrams(self: Arc<Self>) {
        let mut buffer = [0; 4096];
        loop {
            let Ok((length, from)) = self.udp.recv_from(&mut buffer).await else {
                sleep(PAUSE).await;
                continue;
            };
            let Some(query) = read(&buffer[..length]) else { continue };
            match answer(&self.zone.load(), &query) {
                Answer::Here(reply) => self.reply(&query, reply, from).await,
                known => {
                    let server = Arc::clone(&self);
                    tokio::spawn(async move {
                        let reply = server.complete(&query, known, Transport::Udp).await;
                        server.reply(&query, reply, from).await;
                    });
                }
            }
        }
    }

    async fn reply(&self, query: &Message, reply: Message, to: SocketAddr) {
        let limit = query.edns.as_ref().map_or(LEAST, |edns| edns.max_payload().clamp(LEAST, PAYLOAD));
        // A client that is gone does not concern the others.
        if let Ok(bytes) = encode(reply, limit) {
            let _ = self.udp.send_to(&bytes, to).await;
        }
    }

    async fn connections(self: Arc<Self>) {
        loop {
            let Ok(permit) = Arc::clone(&self.streams).acquire_owned().await else { return };
            let Ok((stream, _)) = self.tcp.accept().await else {
                sleep(PAUSE).await;
                continue;
            };
            let server = Arc::clone(&self);
            tokio::spawn(async move {
                server.stream(stream).await;
                drop(permit);
            });
        }
    }

    /// Answers one question after the other until the client has no more.
    async fn stream(&self, mut stream: TcpStream) {
        while let Ok(Ok(question)) = timeout(IDLE, receive(&mut stream)).await {
            let Some(query) = read(&question) else { return };
            let known = answer(&self.zone.load(), &query);
            let reply = self.complete(&query, known, Transport::Tcp).await;
            let Ok(bytes) = encode(reply, u16::MAX) else { return };
            if !matches!(timeout(IDLE, send(&mut stream, &bytes)).await, Ok(Ok(()))) {
                return;
            }
        }
    }

    /// Asks others for what is not known here.
    async fn complete(&self, query: &Message, known: Answer, transport: Transport) -> Message {
        match known {
            Answer::Here(reply) => reply,
            Answer::Forward => self.ask(query, transport).await.unwrap_or_else(|| failure(query)),
            Answer::Chase(reply, name) => self.chase(query, reply, name, transport).await,
        }
    }

    /// The alias, and what others say about the name that it stands for. The alias itself is ours and does not fail.
    async fn chase(&self, query: &Message, mut reply: Message, name: Name, transport: Transport) -> Message {
        let mut onward = query.clone();
        onward.queries.iter_mut().for_each(|question| question.name = name.clone());
        if let Some(found) = self.ask(&onward, transport).await {
            reply.answers.extend(found.answers);
            if found.metadata.response_code == ResponseCode::NXDomain {
                reply.metadata.response_code = ResponseCode::NXDomain;
            }
        }
        reply
    }

    async fn ask(&self, query: &Message, transport: Transport) -> Option<Message> {
        let _permit = self.waiting.try_acquire().ok()?;
        self.forwarder.ask(query, transport).await
    }
}

/// The question in a message, `None` where it is not one.
fn read(bytes: &[u8]) -> Option<Message> {
    Message::from_vec(bytes).ok().filter(|message| message.metadata.message_type == MessageType::Query)
}

fn failure(query: &Message) -> Message {
    let mut reply = response(query);
    reply.metadata.response_code = ResponseCode::ServFail;
    reply
}
