//! Questions and answers: against a zone, by the wire's limits, and over real sockets with another server behind.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{Name, RData, Record as Answered, RecordType};
use tokio::net::{TcpStream, UdpSocket};

use super::answer::{Answer, answer};
use super::cache::Cache;
use super::encode::encode;
use super::forward::{Forwarder, receive, send};
use super::serve::Server;
use super::upstreams::upstreams;
use super::zone::{Record, Zone};

const WEB: &str = "web.shop.svc.cluster.local";
const DB: &str = "db.shop.svc.cluster.local";

fn zone() -> Zone {
    let mut zone = Zone::new(7, "10.201.0.0/16".parse().unwrap());
    let address = |n| Ipv4Addr::new(10, 201, 128, n);
    zone.add("wharf", Record::A(address(99)));
    zone.add(WEB, Record::A(address(1)));
    zone.add_address(address(1), WEB.to_owned());
    zone.add("_http._tcp.web.shop.svc.cluster.local", Record::Srv { port: 80, target: WEB.to_owned() });
    zone.add("alias.shop.svc.cluster.local", Record::Cname(WEB.to_owned()));
    zone.add("lost.shop.svc.cluster.local", Record::Cname("none.shop.svc.cluster.local".to_owned()));
    zone.add("loop.shop.svc.cluster.local", Record::Cname("loop.shop.svc.cluster.local".to_owned()));
    zone.add("outside.shop.svc.cluster.local", Record::Cname("db.example.com".to_owned()));
    (0..100).for_each(|n| zone.add(DB, Record::A(Ipv4Addr::new(10, 201, 1, n))));
    zone
}

fn question(name: &str, kind: RecordType) -> Message {
    let mut query = Message::new(0, MessageType::Query, OpCode::Query);
    query.metadata.recursion_desired = true;
    query.add_query(Query::query(Name::from_ascii(format!("{name}.")).unwrap(), kind));
    query
}

/// What is answered, a line a record; addresses in `+` lines are additional, `SOA` stands for the negative answer's.
fn text(reply: &Message) -> String {
    let mut lines = vec![reply.metadata.response_code.to_string()];
    lines.extend(reply.answers.iter().map(ToString::to_string));
    lines.extend(reply.additionals.iter().map(|record| format!("+ {record}")));
    lines.extend(reply.authorities.iter().map(|record| format!("{} {}", record.name, record.record_type())));
    lines.join("\n")
}

fn ask(name: &str, kind: RecordType) -> String {
    match answer(&zone(), &question(name, kind)) {
        Answer::Here(reply) => text(&reply),
        Answer::Forward => "forward".to_owned(),
        Answer::Chase(reply, name) => format!("{}\nchase {name}", text(&reply)),
    }
}

#[test]
fn names_of_the_cluster() {
    insta::assert_snapshot!(ask(WEB, RecordType::A), @r"
    No Error
    web.shop.svc.cluster.local. 5 IN A 10.201.128.1
    ");
    insta::assert_snapshot!(ask("WEB.shop.svc.Cluster.Local", RecordType::A), @r"
    No Error
    WEB.shop.svc.Cluster.Local. 5 IN A 10.201.128.1
    ");
    insta::assert_snapshot!(ask("wharf", RecordType::A), @r"
    No Error
    wharf. 5 IN A 10.201.128.99
    ");
    insta::assert_snapshot!(ask("_http._tcp.web.shop.svc.cluster.local", RecordType::SRV), @r"
    No Error
    _http._tcp.web.shop.svc.cluster.local. 5 IN SRV 0 100 80 web.shop.svc.cluster.local.
    + web.shop.svc.cluster.local. 5 IN A 10.201.128.1
    ");
    insta::assert_snapshot!(ask("1.128.201.10.in-addr.arpa", RecordType::PTR), @r"
    No Error
    1.128.201.10.in-addr.arpa. 5 IN PTR web.shop.svc.cluster.local.
    ");
}

#[test]
fn what_is_not_there_is_denied() {
    insta::assert_snapshot!(ask(WEB, RecordType::AAAA), @r"
    No Error
    cluster.local. SOA
    ");
    insta::assert_snapshot!(ask("shop.svc.cluster.local", RecordType::A), @r"
    No Error
    cluster.local. SOA
    ");
    insta::assert_snapshot!(ask("none.shop.svc.cluster.local", RecordType::A), @r"
    Non-Existent Domain
    cluster.local. SOA
    ");
    insta::assert_snapshot!(ask("example.com.shop.svc.cluster.local", RecordType::A), @r"
    Non-Existent Domain
    cluster.local. SOA
    ");
    insta::assert_snapshot!(ask("web", RecordType::A), @r"
    Non-Existent Domain
    cluster.local. SOA
    ");
    insta::assert_snapshot!(ask("2.128.201.10.in-addr.arpa", RecordType::PTR), @r"
    Non-Existent Domain
    201.10.in-addr.arpa. SOA
    ");
}

#[test]
fn aliases_are_followed() {
    insta::assert_snapshot!(ask("alias.shop.svc.cluster.local", RecordType::A), @r"
    No Error
    alias.shop.svc.cluster.local. 5 IN CNAME web.shop.svc.cluster.local.
    web.shop.svc.cluster.local. 5 IN A 10.201.128.1
    ");
    insta::assert_snapshot!(ask("lost.shop.svc.cluster.local", RecordType::A), @r"
    Non-Existent Domain
    lost.shop.svc.cluster.local. 5 IN CNAME none.shop.svc.cluster.local.
    cluster.local. SOA
    ");
    insta::assert_snapshot!(ask("outside.shop.svc.cluster.local", RecordType::AAAA), @r"
    No Error
    outside.shop.svc.cluster.local. 5 IN CNAME db.example.com.
    chase db.example.com.
    ");
    insta::assert_snapshot!(ask("outside.shop.svc.cluster.local", RecordType::CNAME), @r"
    No Error
    outside.shop.svc.cluster.local. 5 IN CNAME db.example.com.
    ");
    assert_eq!(ask("loop.shop.svc.cluster.local", RecordType::A).lines().count(), 10, "a loop ends");
}

#[test]
fn what_others_know_is_forwarded() {
    for name in ["example.com", "notcluster.local", "1.0.0.10.in-addr.arpa", "201.10.in-addr.arpa", ""] {
        assert_eq!(ask(name.trim_end_matches('.'), RecordType::A), "forward", "{name}");
    }
}

#[test]
fn the_first_address_is_another_every_time() {
    let first = |id| {
        let mut query = question(DB, RecordType::A);
        query.metadata.id = id;
        let Answer::Here(reply) = answer(&zone(), &query) else { panic!("a name of the cluster") };
        assert_eq!(reply.answers.len(), 100);
        reply.answers[0].data.to_string()
    };
    assert_eq!([first(0), first(1), first(199)], ["10.201.1.0", "10.201.1.1", "10.201.1.99"]);
}

#[test]
fn a_long_answer_is_cut_where_the_client_ends() {
    let cut = |edns: bool, limit: u16| {
        let mut query = question(DB, RecordType::A);
        if edns {
            query.edns = Some(Edns::new());
        }
        let Answer::Here(reply) = answer(&zone(), &query) else { panic!("a name of the cluster") };
        let bytes = encode(reply, limit).unwrap();
        assert!(bytes.len() <= limit.into(), "{} bytes", bytes.len());
        let read = Message::from_vec(&bytes).unwrap();
        (read.answers.len(), read.metadata.truncation, read.edns.is_some())
    };
    // 12 bytes of header, 31 of question, 16 a record, 11 of EDNS.
    assert_eq!(cut(false, 512), (29, true, false));
    assert_eq!(cut(true, 512), (28, true, true));
    assert_eq!(cut(true, 1232), (73, true, true));
    assert_eq!(cut(true, u16::MAX), (100, false, true));
}

#[test]
fn others_answers_are_remembered_as_long_as_they_allow() {
    let (query, start) = (question("example.com", RecordType::A), Instant::now());
    let reply = |ttl: u32, code| {
        let mut reply = super::answer::response(&query);
        reply.metadata.response_code = code;
        let data = RData::A(A(Ipv4Addr::LOCALHOST));
        reply.add_answer(Answered::from_rdata(query.queries[0].name.clone(), ttl, data));
        reply.to_vec().unwrap()
    };
    let mut cache = Cache::default();
    cache.put(&query, &reply(60, ResponseCode::ServFail), start);
    cache.put(&query, &reply(0, ResponseCode::NoError), start);
    assert!(cache.get(&query, start).is_none(), "neither failures nor what is good only once");
    cache.put(&query, &reply(60, ResponseCode::NoError), start);
    let mut again = question("EXAMPLE.com", RecordType::A);
    again.metadata.id = 9;
    let found = cache.get(&again, start + Duration::from_secs(59)).unwrap();
    assert_eq!((found.metadata.id, found.answers[0].ttl), (9, 1));
    assert_eq!(found.queries, again.queries);
    assert!(cache.get(&query, start + Duration::from_mins(1)).is_none());
    assert!(cache.get(&question("example.com", RecordType::AAAA), start).is_none());
    for n in 0..2000 {
        cache.put(&question(&format!("n{n}.example.com"), RecordType::A), &reply(70 + n, ResponseCode::NoError), start);
    }
    let kept = (0..2000).filter(|n| cache.get(&question(&format!("n{n}.example.com"), RecordType::A), start).is_some());
    assert_eq!(kept.count(), 1000);
}

#[test]
fn the_node_does_not_forward_to_itself() {
    let text = "# resolv.conf\nsearch local\nnameserver 10.201.255.254\nnameserver 127.0.0.11\nnameserver fd00::1\nnameserver\n";
    let servers = upstreams(text, Ipv4Addr::new(10, 201, 255, 254));
    assert_eq!(servers, ["127.0.0.11:53".parse().unwrap(), "[fd00::1]:53".parse::<SocketAddr>().unwrap()]);
}

/// A server on the loopback that answers every question with one address, once, and then falls silent.
async fn upstream() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 1500];
        let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
        let query = Message::from_vec(&buffer[..length]).unwrap();
        let mut reply = super::answer::response(&query);
        let data = RData::A(A(Ipv4Addr::new(192, 0, 2, 1)));
        reply.add_answer(Answered::from_rdata(query.queries[0].name.clone(), 60, data));
        let mut forged = reply.clone();
        forged.metadata.id = !reply.metadata.id;
        forged.answers.clear();
        socket.send_to(&forged.to_vec().unwrap(), from).await.unwrap();
        socket.send_to(&reply.to_vec().unwrap(), from).await.unwrap();
    });
    address
}

/// Where nobody listens: the kernel says so at once.
async fn nobody() -> SocketAddr {
    UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

async fn serve(upstreams: Vec<SocketAddr>) -> SocketAddr {
    let zone = Arc::new(ArcSwap::from_pointee(zone()));
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), zone, Forwarder::new(upstreams)).await.unwrap();
    let address = server.address().unwrap();
    tokio::spawn(server.run());
    address
}

async fn by_udp(server: SocketAddr, query: &Message) -> Message {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut buffer = [0; 1500];
    socket.send_to(&query.to_vec().unwrap(), server).await.unwrap();
    let received = tokio::time::timeout(Duration::from_secs(5), socket.recv(&mut buffer)).await;
    Message::from_vec(&buffer[..received.unwrap().unwrap()]).unwrap()
}

#[tokio::test]
async fn questions_over_sockets() {
    let server = serve(vec![nobody().await, upstream().await]).await;
    let local = by_udp(server, &question(WEB, RecordType::A)).await;
    assert!(local.metadata.authoritative && local.metadata.recursion_available);
    let cut = by_udp(server, &question(DB, RecordType::A)).await;
    assert!(cut.metadata.truncation);
    let mut stream = TcpStream::connect(server).await.unwrap();
    for _ in 0..2 {
        send(&mut stream, &question(DB, RecordType::A).to_vec().unwrap()).await.unwrap();
        let whole = Message::from_vec(&receive(&mut stream).await.unwrap()).unwrap();
        assert_eq!((whole.answers.len(), whole.metadata.truncation), (100, false));
    }

    let mut query = question("db.example.com", RecordType::A);
    query.metadata.id = 4711;
    let forwarded = by_udp(server, &query).await;
    assert_eq!(forwarded.metadata.id, 4711);
    insta::assert_snapshot!(text(&forwarded), @r"
    No Error
    db.example.com. 60 IN A 192.0.2.1
    ");
    // The upstream is silent by now: this comes from memory.
    let chased = by_udp(server, &question("outside.shop.svc.cluster.local", RecordType::A)).await;
    insta::assert_snapshot!(text(&chased), @r"
    No Error
    outside.shop.svc.cluster.local. 5 IN CNAME db.example.com.
    db.example.com. 60 IN A 192.0.2.1
    ");
}

#[tokio::test]
async fn without_upstreams_only_foreign_names_fail() {
    for upstreams in [vec![], vec![nobody().await]] {
        let server = serve(upstreams).await;
        let foreign = by_udp(server, &question("example.com", RecordType::A)).await;
        assert_eq!(text(&foreign), "Server Failure");
        let ours = by_udp(server, &question("outside.shop.svc.cluster.local", RecordType::A)).await;
        assert_eq!(text(&ours), "No Error\noutside.shop.svc.cluster.local. 5 IN CNAME db.example.com.");
    }
}
