//! Real sockets on the loopback.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::watch;

use super::{Route, tcp, udp};

#[test]
fn routes() {
    let route: Route = "udp:53=10.201.128.9:5353".parse().unwrap();
    assert_eq!(route, Route { udp: true, port: 53, to: "10.201.128.9:5353".parse().unwrap() });
    for bad in ["sctp:1=10.0.0.1:1", "tcp:70000=10.0.0.1:1", "tcp:1=web:1", "tcp:1", ""] {
        assert!(bad.parse::<Route>().is_err(), "{bad}");
    }
}

/// A publisher of the service's address, and the handle that ends it.
async fn published(
    service: std::net::SocketAddr,
) -> (std::net::SocketAddr, watch::Sender<()>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ending) = watch::channel(());
    (address, end, tokio::spawn(tcp::serve(listener, service, ending)))
}

#[tokio::test]
async fn a_half_closed_connection_still_gets_its_answer() {
    let service = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, end, server) = published(service.local_addr().unwrap()).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"question").await.unwrap();
    client.shutdown().await.unwrap();
    let (mut accepted, _) = service.accept().await.unwrap();
    let mut question = String::new();
    accepted.read_to_string(&mut question).await.unwrap();
    // Ending takes no new connections, and leaves this one its time.
    drop(end);
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!server.is_finished());
    accepted.write_all(format!("{question}: answer").as_bytes()).await.unwrap();
    drop(accepted);
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "question: answer");
    drop(client);
    server.await.unwrap();
}

#[tokio::test]
async fn where_the_service_refuses_the_client_is_reset() {
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (address, _end, _) = published(unused).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    let error = client.read_to_end(&mut Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn each_client_of_a_udp_service_gets_its_own_answers() {
    let service = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let (_end, ending) = watch::channel(());
    tokio::spawn(udp::serve(socket, service.local_addr().unwrap(), ending));
    let (one, two) = (UdpSocket::bind("127.0.0.1:0").await.unwrap(), UdpSocket::bind("127.0.0.1:0").await.unwrap());
    one.send_to(b"one", address).await.unwrap();
    two.send_to(b"two", address).await.unwrap();
    let mut buffer = [0; 16];
    for _ in 0..2 {
        let (length, from) = service.recv_from(&mut buffer).await.unwrap();
        service.send_to(&buffer[..length], from).await.unwrap();
    }
    for (client, expected) in [(one, b"one"), (two, b"two")] {
        let (length, from) = client.recv_from(&mut buffer).await.unwrap();
        assert_eq!((&buffer[..length], from), (&expected[..], address));
    }
}
