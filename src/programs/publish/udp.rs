//! UDP: one flow for each client, with a socket of its own, so that answers find their way back.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// The longest datagram.
const LONGEST: usize = 64 << 10;
/// A flow without a datagram in either direction for so long is forgotten.
const IDLE: Duration = Duration::from_mins(1);
/// How many flows there can be at once; datagrams of further clients are dropped.
const FLOWS: usize = 1024;

/// One client's way to the service.
struct Flow {
    socket: UdpSocket,
    used: Mutex<Instant>,
}

impl Flow {
    fn touch(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn used(&self) -> Instant {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forwards until `ending` closes. Datagrams have no end to wait for.
pub async fn serve(socket: UdpSocket, to: SocketAddr, mut ending: watch::Receiver<()>) {
    let socket = Arc::new(socket);
    let mut flows: HashMap<SocketAddr, Arc<Flow>> = HashMap::new();
    let mut answers = JoinSet::new();
    let mut buffer = vec![0; LONGEST];
    loop {
        tokio::select! {
            _ = ending.changed() => return,
            received = socket.recv_from(&mut buffer) => {
                // An error here is about a datagram that could not be delivered before.
                let Ok((length, client)) = received else { continue };
                if !flows.contains_key(&client) && flows.len() < FLOWS && let Some(flow) = open(to).await {
                    let flow = Arc::new(flow);
                    answers.spawn(answer(Arc::clone(&socket), client, Arc::clone(&flow)));
                    flows.insert(client, flow);
                }
                if let Some(flow) = flows.get(&client) {
                    flow.touch();
                    let _ = flow.socket.send(&buffer[..length]).await;
                }
            }
            Some(Ok(client)) = answers.join_next() => drop(flows.remove(&client)),
        }
    }
}

async fn open(to: SocketAddr) -> Option<Flow> {
    let socket = UdpSocket::bind("0.0.0.0:0").await.ok()?;
    socket.connect(to).await.ok()?;
    Some(Flow { socket, used: Mutex::new(Instant::now()) })
}

/// Sends the answers of a flow back until it is idle; returns whose it was.
async fn answer(socket: Arc<UdpSocket>, client: SocketAddr, flow: Arc<Flow>) -> SocketAddr {
    loop {
        let idle = flow.used() + IDLE;
        match timeout_at(idle, flow.socket.readable()).await {
            Err(_) if flow.used() + IDLE <= Instant::now() => return client,
            Err(_) => {}
            Ok(_) => {
                // Only now, as a thousand idle flows may not have a buffer each.
                let mut buffer = vec![0; LONGEST];
                while let Ok(length) = flow.socket.try_recv(&mut buffer) {
                    flow.touch();
                    let _ = socket.send_to(&buffer[..length], client).await;
                }
            }
        }
    }
}
