//! A service written through the API is found by its name, and gone when it is deleted.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RecordType};
use serde_json::json;
use wharf::api::{Key, Kind, Ranges};
use wharf::apiserver::{self, Rest};
use wharf::client::{Client, DeleteOptions, Informer};
use wharf::dns;
use wharf::store::Store;

const SERVICE: &str = "web.default.svc.cluster.local.";

#[tokio::test(flavor = "multi_thread")]
async fn names_follow_the_api() {
    let ranges = Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap();
    let rest = Rest::new(Store::in_memory().unwrap(), apiserver::Config { node: "wharf".into(), ranges }).unwrap();
    let client = Client::Local(rest);
    let (service, slice, pod) = ("Service", "discovery.k8s.io/v1", "Pod");
    let kinds = [("v1", service), (slice, "EndpointSlice"), ("v1", pod)].map(|(v, k)| Kind::find(v, k).unwrap());
    let informer = Informer::start(&client, &kinds).await.unwrap();
    // A port that is free now; nothing else on this machine takes one of those by number.
    let address = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = dns::Config { address, upstreams: Vec::new(), ranges, node: "wharf".into() };
    let server = tokio::spawn(dns::run(informer, config));

    eventually(address, "wharf.", 1).await;
    assert_eq!(addresses(address, SERVICE), Some(0));
    let object = json!({"metadata": {"name": "web", "namespace": "default"}, "spec": {"ports": [{"port": 80}]}});
    client.create(kinds[0], &object).await.unwrap();
    eventually(address, SERVICE, 1).await;
    client.delete(&Key::new(kinds[0], "default", "web"), &DeleteOptions::default()).await.unwrap();
    eventually(address, SERVICE, 0).await;
    server.abort();
}

async fn eventually(server: SocketAddr, name: &str, wanted: usize) {
    let end = Instant::now() + Duration::from_secs(5);
    while addresses(server, name) != Some(wanted) {
        assert!(Instant::now() < end, "{name} has not {wanted} addresses");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// How many addresses a name has, `None` where nobody answers.
fn addresses(server: SocketAddr, name: &str) -> Option<usize> {
    let mut query = Message::new(1, MessageType::Query, OpCode::Query);
    query.add_query(Query::query(Name::from_ascii(name).unwrap(), RecordType::A));
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    socket.connect(server).unwrap();
    socket.send(&query.to_vec().unwrap()).unwrap();
    let mut buffer = [0; 512];
    let length = socket.recv(&mut buffer).ok()?;
    Some(Message::from_vec(&buffer[..length]).unwrap().answers.len())
}
