//! Service addresses on the real kernel: a client, two endpoints and a node in network namespaces of their own, joined by
//! a bridge as on a Docker host. Needs root and `ip`; without root nothing is tested.

#![allow(clippy::unwrap_used, reason = "all of this file is a test")]

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::MetadataExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use wharf::api::Ranges;
use wharf::proxy::apply::Kernel;
use wharf::proxy::ir::{Endpoint, Frontend, Protocol, Rules};
use wharf::proxy::render::render;

/// Set for the processes that a [`Worker`] runs.
const ROLE: &str = "WHARF_TEST_NETNS";
/// Comes before a worker's answer, as the test harness prints on the same stream.
const ANSWER: &str = "answer: ";
const PATIENCE: Duration = Duration::from_secs(2);
const ADDRESSES: [(&str, &str); 4] =
    [("node", "10.250.255.254"), ("client", "10.250.1.9"), ("first", "10.250.1.1"), ("second", "10.250.1.2")];
const SERVICE: &str = "10.250.128.1:80";
const FIRST: &str = "10.250.1.1:8080";
const SECOND: &str = "10.250.1.2:8080";
/// The client's address as endpoints see it.
const SHADOW: &str = "10.250.65.9";

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}

/// Node, client and two endpoints that serve on port 8080.
struct Scene {
    node: Worker,
    client: Worker,
    servers: [Worker; 2],
    net: Net,
}

impl Scene {
    fn new(name: &str) -> Self {
        let net = Net::new(name);
        let [node, client, mut first, mut second] = ADDRESSES.map(|(name, _)| net.worker(name));
        assert_eq!(first.ask("serve first"), "ok");
        assert_eq!(second.ask("serve second"), "ok");
        Self { node, client, servers: [first, second], net }
    }
}

#[test]
fn connections_are_balanced_and_refused() {
    if !is_root() {
        return;
    }
    let Scene { mut node, mut client, net, mut servers } = Scene::new("b");
    assert_eq!(node.ask("apply"), "0 changes");
    assert_eq!(client.ask(&format!("tcp {SERVICE}")), "refused", "no endpoint: refused at once");

    let both = format!("apply {SERVICE}/tcp={FIRST},{SECOND} {SERVICE}/udp={FIRST}");
    assert_eq!(node.ask(&both), "2 changes");
    assert_eq!(node.ask(&both), "0 changes", "what holds is left alone");
    compare_with_nft(&net, &both);

    let mut seen = BTreeMap::new();
    for _ in 0..60 {
        *seen.entry(client.ask(&format!("tcp {SERVICE}"))).or_insert(0) += 1;
    }
    let shares = ["first", "second"].map(|name| seen.get(&format!("{name} {SHADOW}")));
    // At even odds, fewer than 5 of 60 happens once in 10^11 times.
    assert!(seen.len() == 2 && shares.iter().all(|n| n.is_some_and(|n| *n >= 5)), "{seen:?}");

    assert_eq!(client.ask("tcp 10.250.128.1:81"), "refused", "another port");
    assert_eq!(client.ask("tcp 10.250.128.2:80"), "refused", "another address");
    assert_eq!(client.ask("udp 10.250.128.2:80"), "refused", "another address");
    assert_eq!(client.ask(&format!("udp {SERVICE}")), format!("first {SHADOW}"));
    assert!(node.ask(&format!("tcp {SERVICE}")).ends_with(" 10.250.255.254"), "from the node itself");
    let hairpin = format!("apply {SERVICE}/tcp={FIRST} {SERVICE}/udp={FIRST}");
    assert_eq!(node.ask(&hairpin), "1 changes");
    assert_eq!(servers[0].ask(&format!("tcp {SERVICE}")), "first 10.250.65.1", "an endpoint reaches itself");
    assert_eq!(node.ask("apply"), "2 changes");
    assert_eq!(client.ask(&format!("tcp {SERVICE}")), "refused", "the endpoints are gone");
}

#[test]
fn connections_outlive_endpoints_and_agents() {
    if !is_root() {
        return;
    }
    let Scene { mut node, mut client, net, servers: _servers } = Scene::new("o");
    let to = |endpoint: &str| format!("apply {SERVICE}/tcp={endpoint} {SERVICE}/udp={endpoint}");
    node.ask(&to(FIRST));
    assert_eq!(client.ask(&format!("open {SERVICE}")), format!("first {SHADOW}"));
    assert_eq!(client.ask(&format!("udp {SERVICE}")), format!("first {SHADOW}"));

    assert_eq!(node.ask(&to(SECOND)), "2 changes");
    assert_eq!(client.ask("again"), format!("first {SHADOW}"), "an established connection stays");
    assert_eq!(client.ask(&format!("tcp {SERVICE}")), format!("second {SHADOW}"), "a new one goes elsewhere");
    assert_eq!(client.ask(&format!("udp {SERVICE}")), format!("second {SHADOW}"), "the same UDP socket, too");

    drop(node);
    let mut node = net.worker("node");
    assert_eq!(client.ask(&format!("tcp {SERVICE}")), format!("second {SHADOW}"), "without an agent");
    let other = "10.250.128.7:53";
    let after = format!("apply {other}/udp={FIRST} {SERVICE}/tcp={FIRST}");
    assert_eq!(node.ask(&after), "3 changes", "the next agent takes over, and knows of the chain that is to go");
    compare_with_nft(&net, &after);
    assert_eq!(client.ask("again"), format!("first {SHADOW}"), "an established connection stays");
    assert_eq!(client.ask(&format!("udp {SERVICE}")), "refused");
}

#[test]
fn no_connection_is_lost_while_endpoints_change() {
    if !is_root() {
        return;
    }
    let Scene { mut node, mut client, net: _net, servers: _servers } = Scene::new("l");
    node.ask(&format!("apply {SERVICE}/tcp={FIRST}"));
    client.tell(&format!("many {SERVICE}"));
    for endpoints in [format!("{FIRST},{SECOND}"), SECOND.to_owned(), FIRST.to_owned()].iter().cycle().take(60) {
        assert_eq!(node.ask(&format!("apply {SERVICE}/tcp={endpoints}")), "1 changes");
    }
    assert_eq!(client.answer(), "0 bad");
}

/// The kernel has what `nft` makes of the rendered text. Only where `nft` is installed.
fn compare_with_nft(net: &Net, apply: &str) {
    let Ok(mut nft) = Command::new("unshare")
        .args(["-n", "sh", "-c", "nft -f - && nft list table ip wharf"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    else {
        return;
    };
    let text = render(&rules(apply.strip_prefix("apply").unwrap()), &ranges());
    nft.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let expected = nft.wait_with_output().unwrap();
    if expected.status.code() == Some(127) {
        return;
    }
    let listed = net.exec("node").args(["nft", "list", "table", "ip", "wharf"]).output().unwrap();
    let sorted = |bytes: &[u8]| {
        let mut blocks: Vec<String> =
            String::from_utf8_lossy(bytes).split("\n\n").map(|b| b.trim_end_matches(['}', '\n']).to_owned()).collect();
        blocks.sort();
        blocks
    };
    assert_eq!(sorted(&listed.stdout), sorted(&expected.stdout));
}

/// The namespaces; dropped, they are gone.
struct Net {
    prefix: String,
}

impl Net {
    fn new(name: &str) -> Self {
        let net = Self { prefix: format!("wharf-{}-{name}", std::process::id()) };
        let bridge = net.name("bridge");
        net.ip(&format!("netns add {bridge}"));
        net.ip(&format!("-n {bridge} link add br0 up type bridge"));
        for (name, address) in ADDRESSES {
            let own = net.name(name);
            net.ip(&format!("netns add {own}"));
            net.ip(&format!("-n {bridge} link add {name} up master br0 type veth peer name eth0 netns {own}"));
            net.ip(&format!("-n {own} addr add {address}/16 dev eth0"));
            net.ip(&format!("-n {own} link set eth0 up"));
        }
        net
    }

    fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    fn ip(&self, arguments: &str) {
        let done = Command::new("ip").args(arguments.split(' ')).output().unwrap();
        assert!(done.status.success(), "ip {arguments} in {}: {}", self.prefix, String::from_utf8_lossy(&done.stderr));
    }

    fn exec(&self, name: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name(name)]);
        command
    }

    /// A process in a namespace.
    fn worker(&self, name: &str) -> Worker {
        let mut command = self.exec(name);
        command.arg(std::env::current_exe().unwrap()).args(["--exact", "worker", "--nocapture"]).env(ROLE, name);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Worker { child, stdin: Some(stdin), stdout }
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        for name in ADDRESSES.iter().map(|(name, _)| *name).chain(["bridge"]) {
            let _ = Command::new("ip").args(["netns", "delete", &self.name(name)]).output();
        }
    }
}

/// A process that obeys one line at a time.
struct Worker {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Worker {
    fn ask(&mut self, command: &str) -> String {
        self.tell(command);
        self.answer()
    }

    fn tell(&mut self, command: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{command}").unwrap();
    }

    fn answer(&mut self) -> String {
        for line in (&mut self.stdout).lines() {
            if let Some((_, answer)) = line.unwrap().split_once(ANSWER) {
                return answer.to_owned();
            }
        }
        panic!("the worker ended")
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stdin = None;
        let _ = self.child.wait();
    }
}

/// Not a test of its own: what a [`Worker`]'s process does.
#[test]
fn worker() {
    if std::env::var_os(ROLE).is_none() {
        return;
    }
    let mut state = State::default();
    for line in io::stdin().lines() {
        let answer = state.obey(&line.unwrap());
        if !answer.is_empty() {
            writeln!(io::stdout(), "{ANSWER}{answer}").unwrap();
        }
    }
}

#[derive(Default)]
struct State {
    kernel: Option<Kernel>,
    open: Option<TcpStream>,
    udp: Option<UdpSocket>,
}

impl State {
    fn obey(&mut self, line: &str) -> String {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "apply" => {
                let kernel = self.kernel.get_or_insert_with(|| Kernel::open(ranges()).unwrap());
                format!("{} changes", kernel.apply(&rules(rest)).unwrap().len())
            }
            "serve" => serve(rest.to_owned()),
            "tcp" => connect(rest).map_or_else(|e| refused(&e), |mut stream| exchange(&mut stream)),
            "open" => exchange(self.open.insert(connect(rest).unwrap())),
            "again" => exchange(self.open.as_mut().unwrap()),
            "udp" => exchange_udp(self.udp.get_or_insert_with(|| UdpSocket::bind("0.0.0.0:0").unwrap()), rest),
            "many" => connect_often(rest),
            _ => panic!("{line}"),
        }
    }
}

/// Answers every line and every datagram with the own name and the address that it came from.
fn serve(name: String) -> String {
    let (tcp, udp) = (TcpListener::bind("0.0.0.0:8080").unwrap(), UdpSocket::bind("0.0.0.0:8080").unwrap());
    let also = name.clone();
    thread::spawn(move || {
        let mut buffer = [0; 64];
        while let Ok((_, from)) = udp.recv_from(&mut buffer) {
            let _ = udp.send_to(format!("{also} {}", from.ip()).as_bytes(), from);
        }
    });
    thread::spawn(move || {
        for mut stream in tcp.incoming().map_while(Result::ok) {
            let answer = format!("{name} {}\n", stream.peer_addr().unwrap().ip());
            thread::spawn(move || {
                for _ in BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok) {
                    let _ = stream.write_all(answer.as_bytes());
                }
            });
        }
    });
    "ok".to_owned()
}

fn connect(to: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&to.parse::<SocketAddr>().unwrap(), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn exchange(stream: &mut TcpStream) -> String {
    let mut answer = String::new();
    let done = stream.write_all(b"hello\n").and_then(|()| BufReader::new(stream).read_line(&mut answer));
    done.map_or_else(|e| refused(&e), |_| answer.trim_end().to_owned())
}

fn exchange_udp(socket: &UdpSocket, to: &str) -> String {
    let mut buffer = [0; 64];
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.connect(to).unwrap();
    let done = socket.send(b"hello").and_then(|_| socket.recv(&mut buffer));
    done.map_or_else(|e| refused(&e), |n| String::from_utf8_lossy(&buffer[..n]).into_owned())
}

fn refused(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::ConnectionRefused { "refused".to_owned() } else { error.to_string() }
}

/// Makes one connection after the other, and says how many were not good.
fn connect_often(to: &str) -> String {
    let answers = (0..1000).map(|_| connect(to).map(|mut stream| exchange(&mut stream)));
    let bad = answers.filter(|answer| !answer.as_ref().is_ok_and(|a| a.ends_with(SHADOW))).count();
    format!("{bad} bad")
}

fn ranges() -> Ranges {
    Ranges::of("10.250.0.0/16".parse().unwrap()).unwrap()
}

/// `10.250.128.1:80/tcp=10.250.1.1:8080,10.250.1.2:8080 …`
fn rules(text: &str) -> Rules {
    let socket = |text: &str| -> (std::net::Ipv4Addr, u16) {
        let (address, port) = text.split_once(':').unwrap();
        (address.parse().unwrap(), port.parse().unwrap())
    };
    let service = |text: &str| {
        let (frontend, endpoints) = text.split_once('=').unwrap();
        let (frontend, protocol) = frontend.split_once('/').unwrap();
        let (address, port) = socket(frontend);
        let protocol = Protocol::named(Some(&protocol.to_uppercase())).unwrap();
        let endpoints = endpoints.split(',').map(socket).map(|(address, port)| Endpoint { address, port });
        (Frontend { address, protocol, port }, endpoints.collect())
    };
    Rules { services: text.split_whitespace().map(service).collect() }
}
