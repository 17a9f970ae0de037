//! TCP: copies both directions of each connection.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::copy_bidirectional_with_sizes;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// The bytes of a direction's buffer.
const BUFFER: usize = 16 << 10;
/// The pause when no connection can be accepted, as when the process has too many open files.
const PAUSE: Duration = Duration::from_millis(50);

/// Accepts until `ending` closes, then waits for the connections to end.
pub async fn serve(listener: TcpListener, to: SocketAddr, mut ending: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = ending.changed() => break,
            accepted = listener.accept() => match accepted {
                Ok((client, _)) => drop(connections.spawn(relay(client, to))),
                Err(_) => sleep(PAUSE).await,
            },
            // What has ended would be kept otherwise.
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Copies until both directions have ended; the end of one is passed on and leaves the other open. Where the service
/// refuses or breaks off, so does this: with a reset, not with an end that could be taken for the whole answer.
async fn relay(mut client: TcpStream, to: SocketAddr) {
    let broken = match TcpStream::connect(to).await {
        Ok(mut service) => copy(&mut client, &mut service).await.is_err(),
        Err(_) => true,
    };
    if broken {
        let _ = client.set_zero_linger();
    }
}

async fn copy(client: &mut TcpStream, service: &mut TcpStream) -> io::Result<()> {
    client.set_nodelay(true)?;
    service.set_nodelay(true)?;
    let copied = copy_bidirectional_with_sizes(client, service, BUFFER, BUFFER).await;
    if copied.is_err() {
        service.set_zero_linger()?;
    }
    copied.map(|_| ())
}
