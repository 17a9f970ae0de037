//! The docker room on a real engine: what the kubelet relies on, and the life of a node. Each test has its own node
//! and removes it, also when it fails.

#![allow(clippy::unwrap_used, reason = "all of this file is a test")]

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::time::timeout;
use wharf::api::names::{NODE_LABEL, container as label};
use wharf::docker::{Engine, Error as NodeError, Host, Node, UpOptions};
use wharf::kubelet::runtime::{
    Chunk, ContainerSpec, Dns, Error, Event, ExecSpec, Flow, LogOptions, Mount, Network, Port, Runtime, Source, State,
    VolumeSpec,
};

/// wharf's own executable, which is the image of everything here.
const WHARF: &str = env!("CARGO_BIN_EXE_wharf");
const BOUND: Duration = Duration::from_secs(20);

/// A node of this test alone.
struct Scene {
    node: String,
    /// The second octet of its addresses.
    subnet: u8,
}

impl Scene {
    fn new(what: &str) -> Self {
        static NEXT: AtomicU8 = AtomicU8::new(0);
        let first = std::process::id().to_le_bytes()[0] / 2;
        let subnet = 128 + first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % 128;
        Self { node: format!("t-{}-{what}", std::process::id()), subnet }
    }

    /// A network and an image of this test's own, without a node container.
    fn with_network(what: &str) -> Self {
        let scene = Self::new(what);
        let label = format!("{NODE_LABEL}={}", scene.node);
        let subnet = format!("10.{}.0.0/16", scene.subnet);
        docker(&["network", "create", "--label", &label, "--subnet", &subnet, &scene.node]);
        docker(&["volume", "create", "--label", &label, &format!("{}-state", scene.node)]);
        let folder = scene.folder();
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(WHARF, folder.join("wharf")).unwrap();
        let tar = folder.join("image.tar");
        let (from, to) = (folder.to_str().unwrap(), tar.to_str().unwrap());
        assert!(Command::new("tar").args(["-C", from, "-cf", to, "wharf"]).status().unwrap().success());
        let changes = ["--change", "ENTRYPOINT [\"/wharf\"]", "--change", "ENV FROM_IMAGE=1"];
        docker(&[&["import"], &changes[..], &[to, &scene.image()]].concat());
        scene
    }

    fn folder(&self) -> PathBuf {
        std::env::temp_dir().join(&self.node)
    }

    fn image(&self) -> String {
        format!("{}:1", self.node)
    }

    fn address(&self, last: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, self.subnet, 1, last)
    }

    fn spec(&self, name: &str, args: &[&str]) -> ContainerSpec {
        ContainerSpec {
            name: format!("{}.{name}", self.node),
            image: self.image(),
            args: Some(args.iter().map(|a| (*a).to_owned()).collect()),
            labels: BTreeMap::from([(label::UID.to_owned(), "u1".to_owned())]),
            ..Default::default()
        }
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let label = format!("label={NODE_LABEL}={}", self.node);
        for (list, remove) in [
            (&["ps", "-aq", "--filter"][..], &["rm", "-fv"][..]),
            (&["network", "ls", "-q", "--filter"], &["network", "rm"]),
            (&["volume", "ls", "-q", "--filter"], &["volume", "rm"]),
        ] {
            let found = Command::new("docker").args(list).arg(&label).output().unwrap();
            for id in String::from_utf8_lossy(&found.stdout).split_whitespace() {
                let _ = Command::new("docker").args(remove).arg(id).output();
            }
        }
        let _ = Command::new("docker").args(["rmi", &self.image()]).output();
        let _ = std::fs::remove_dir_all(self.folder());
    }
}

fn docker(args: &[&str]) -> String {
    let done = Command::new("docker").args(args).output().unwrap();
    assert!(done.status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

async fn text(mut flow: Flow<Result<Chunk, Error>>) -> (String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    while let Some(chunk) = timeout(BOUND, flow.next()).await.expect("the output ends") {
        match chunk.unwrap() {
            Chunk::Out(bytes) => out.extend_from_slice(&bytes),
            Chunk::Err(bytes) => err.extend_from_slice(&bytes),
        }
    }
    (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

async fn next_event(events: &mut Flow<Result<Event, Error>>) -> Event {
    timeout(BOUND, events.next()).await.expect("an event comes").unwrap().unwrap()
}

#[tokio::test]
async fn a_sandbox_and_its_container_live_and_die() {
    let scene = Scene::with_network("life");
    let host = Host::connect().await.unwrap();
    let engine = Engine::new(&host, &scene.node, "127.0.0.1");
    let mut events = engine.events().await.unwrap();

    let sandbox = ContainerSpec {
        network: Network::Node(scene.address(2)),
        dns: Dns { servers: vec!["10.0.0.53".to_owned()], ..Default::default() },
        hostname: Some("web-0".to_owned()),
        ..scene.spec("pod", &["pause", "--nameserver", "10.9.8.7", "--search", "a.b,c", "--option", "ndots:5"])
    };
    let sandbox = engine.create(&sandbox).await.unwrap();
    engine.start(&sandbox).await.unwrap();
    let app = ContainerSpec {
        network: Network::Of(sandbox.clone()),
        ipc: wharf::kubelet::runtime::Share::Of(sandbox.clone()),
        ..scene.spec("pod.app", &["pause"])
    };
    let app = engine.create(&app).await.unwrap();
    assert_eq!(engine.inspect(&app).await.unwrap().state, State::Created);
    engine.start(&app).await.unwrap();

    let seen = engine.containers().await.unwrap();
    let names: Vec<_> = seen.iter().map(|c| c.name.strip_prefix(&scene.node).unwrap()).collect();
    assert_eq!(names, [".pod", ".pod.app"]);
    assert_eq!((seen[0].address, seen[1].address), (Some(scene.address(2)), None));
    assert!(seen.iter().all(|c| matches!(c.state, State::Running { .. }) && c.labels[NODE_LABEL] == scene.node));

    let resolver = docker(&["cp", &format!("{app}:/etc/resolv.conf"), "-"]);
    assert!(!resolver.is_empty());
    let proc = docker(&["inspect", "-f", "{{.ResolvConfPath}}", &sandbox]);
    let resolver = std::fs::read_to_string(proc).unwrap();
    assert_eq!(resolver, "nameserver 10.9.8.7\nsearch a.b c\noptions ndots:5\n");

    let before = std::time::Instant::now();
    engine.stop(&app, 10).await.unwrap();
    assert!(before.elapsed() < Duration::from_secs(3), "pause ends at once when asked");
    assert!(matches!(engine.inspect(&app).await.unwrap().state, State::Exited { code: 0, started: Some(_), .. }));
    engine.remove(&app).await.unwrap();
    engine.remove(&app).await.unwrap();
    engine.remove(&sandbox).await.unwrap();
    assert!(matches!(engine.inspect(&app).await, Err(Error::NotFound(_))));

    let mut told = Vec::new();
    while told.iter().filter(|a| *a == "destroy").count() < 2 {
        let event = next_event(&mut events).await;
        assert_eq!(event.labels[label::UID], "u1");
        told.push(event.action);
    }
    assert_eq!(told, ["start", "start", "die", "destroy", "die", "destroy"]);
}

#[tokio::test]
async fn programs_and_logs_are_streamed() {
    let scene = Scene::with_network("exec");
    let engine = Engine::new(&Host::connect().await.unwrap(), &scene.node, "");
    let id = engine.create(&scene.spec("a", &["pause"])).await.unwrap();
    let command =
        |words: &[&str]| ExecSpec { command: words.iter().map(|w| (*w).to_owned()).collect(), stdin: true, tty: false };
    assert!(
        matches!(engine.exec(&id, &command(&["/wharf"])).await, Err(Error::Refused(t)) if t.contains("not running"))
    );
    engine.start(&id).await.unwrap();

    let mut exec = engine.exec(&id, &command(&["/wharf", "--version"])).await.unwrap();
    exec.input.shutdown().await.unwrap();
    assert_eq!(text(exec.output).await, (format!("wharf {}\n", env!("CARGO_PKG_VERSION")), String::new()));
    assert_eq!(engine.exec_code(&exec.id).await.unwrap(), Some(0));
    let exec = engine.exec(&id, &command(&["/wharf", "nonsense"])).await.unwrap();
    let (out, err) = text(exec.output).await;
    assert!(out.is_empty() && err.contains("nonsense"), "{out} {err}");
    assert_eq!(engine.exec_code(&exec.id).await.unwrap(), Some(2));

    let mut spec = scene.spec("b", &[]);
    spec.args = Some(vec!["--version".to_owned()]);
    let other = engine.create(&spec).await.unwrap();
    engine.start(&other).await.unwrap();
    let follow = LogOptions { follow: true, ..Default::default() };
    let version = format!("wharf {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(text(engine.logs(&other, &follow).await.unwrap()).await.0, version);
    let dated = LogOptions { timestamps: true, tail: Some(1), ..Default::default() };
    let line = text(engine.logs(&other, &dated).await.unwrap()).await.0;
    assert!(line.starts_with("20") && line.ends_with(&format!("Z {version}")), "{line}");
    let none = engine.logs("no-such-container", &follow).await.unwrap().next().await;
    assert!(matches!(none, Some(Err(Error::NotFound(_)))), "{none:?}");
}

#[tokio::test]
async fn errors_name_the_thing() {
    let scene = Scene::with_network("err");
    let engine = Engine::new(&Host::connect().await.unwrap(), &scene.node, "127.0.0.1");

    let missing = ContainerSpec { image: "no-such-image:9".to_owned(), ..scene.spec("a", &[]) };
    let error = engine.create(&missing).await.unwrap_err();
    assert!(matches!(&error, Error::Image(text) if text.contains("no-such-image:9")), "{error:?}");
    assert_eq!(engine.image("no-such-image:9").await.unwrap(), None);
    let error = engine.pull("localhost:1/no-such-image:9", None, &|_| ()).await.unwrap_err();
    assert!(matches!(&error, Error::Image(text) if text.contains("localhost:1/v2/")), "{error:?}");
    let image = engine.image(&scene.image()).await.unwrap().unwrap();
    assert!(image.id.starts_with("sha256:") && image.env.contains(&("FROM_IMAGE".to_owned(), "1".to_owned())));

    engine.create(&scene.spec("twice", &["pause"])).await.unwrap();
    let error = engine.create(&scene.spec("twice", &["pause"])).await.unwrap_err();
    assert!(matches!(&error, Error::Conflict(text) if text.contains(".twice\"")), "{error:?}");

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().port();
    let port = Port { host_ip: String::new(), host, container: 80, protocol: "tcp".to_owned() };
    let taken =
        ContainerSpec { ports: vec![port], network: Network::Node(scene.address(3)), ..scene.spec("port", &["pause"]) };
    let taken = engine.create(&taken).await.unwrap();
    let error = engine.start(&taken).await.unwrap_err();
    assert!(matches!(&error, Error::Conflict(text) if text.contains(&format!("port {host} of"))), "{error:?}");
    assert!(matches!(engine.inspect(&taken).await.unwrap().state, State::Exited { started: None, .. }));

    let nothing = ContainerSpec { entrypoint: Some(vec!["/nope".to_owned()]), ..scene.spec("nope", &[]) };
    let nothing = engine.create(&nothing).await.unwrap();
    let error = engine.start(&nothing).await.unwrap_err();
    assert!(matches!(&error, Error::Refused(text) if text.contains("/nope")), "{error:?}");
    assert!(matches!(engine.inspect(&nothing).await.unwrap().state, State::Exited { started: None, code: 128, .. }));

    let mount = |source| Mount { source, target: "/m".to_owned(), read_only: true, propagation: None };
    let lost = ContainerSpec { mounts: vec![mount(Source::State("gone".to_owned()))], ..scene.spec("m", &["pause"]) };
    let error = engine.create(&lost).await.unwrap_err();
    assert!(matches!(&error, Error::Refused(text) if text.contains("-state/_data/gone")), "{error:?}");
}

#[tokio::test]
async fn volumes_in_memory_are_shared_and_found_by_label() {
    let scene = Scene::with_network("vol");
    let engine = Engine::new(&Host::connect().await.unwrap(), &scene.node, "");
    let options = [("type", "tmpfs"), ("device", "tmpfs"), ("o", "size=1m")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let name = format!("{}-mem", scene.node);
    let volume =
        VolumeSpec { name: name.clone(), driver: "local".to_owned(), options: options.into(), ..Default::default() };
    engine.create_volume(&volume).await.unwrap();
    engine.create_volume(&volume).await.unwrap();
    assert_eq!(engine.volumes().await.unwrap(), std::slice::from_ref(&name));

    let mount =
        Mount { source: Source::Volume(name.clone()), target: "/mem".to_owned(), read_only: false, propagation: None };
    let spec = ContainerSpec { mounts: vec![mount], ..scene.spec("a", &["pause"]) };
    let id = engine.create(&spec).await.unwrap();
    engine.start(&id).await.unwrap();
    let pid = docker(&["inspect", "-f", "{{.State.Pid}}", &id]);
    let mounts = std::fs::read_to_string(format!("/proc/{pid}/mounts")).unwrap();
    assert!(mounts.contains("tmpfs /mem tmpfs rw"), "{mounts}");
    assert!(matches!(engine.remove_volume(&name).await, Err(Error::Conflict(_))));
    engine.remove(&id).await.unwrap();
    engine.remove_volume(&name).await.unwrap();
    engine.remove_volume(&name).await.unwrap();
    assert_eq!(engine.volumes().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_node_comes_up_once_and_goes_without_a_trace() {
    let scene = Scene::with_network("img");
    let node = Scene::new("node");
    let host = Host::connect().await.unwrap();
    let image = Some(scene.image());
    let options = UpOptions { node: node.node.clone(), image: image.clone(), http: Some(8080), ..Default::default() };

    assert!(Node::find(&host, &node.node).await.unwrap().is_none());
    // Several CLIs at once.
    let all = futures_util::future::join_all((0..4).map(|_| Node::ensure(&host, &options))).await;
    let all: Vec<_> = all.into_iter().map(Result::unwrap).collect();
    assert!(all.iter().all(|n| n.settings() == all[0].settings()));
    let label = format!("label={NODE_LABEL}={}", node.node);
    assert_eq!(docker(&["network", "ls", "-q", "--filter", &label]).lines().count(), 1);
    let id = docker(&["ps", "-q", "--no-trunc", "--filter", &label]);

    // Settings last when they are not named again; nothing is touched then.
    let again = UpOptions { node: node.node.clone(), image, ..Default::default() };
    assert_eq!(Node::ensure(&host, &again).await.unwrap().settings().http, 8080);
    assert_eq!(docker(&["ps", "-q", "--no-trunc", "--filter", &label]), id);
    let mac = |id: &str| docker(&["inspect", "-f", "{{range .NetworkSettings.Networks}}{{.MacAddress}}{{end}}", id]);
    let mac_before = mac(&id);
    assert!(mac_before.starts_with("02:42:0a:"), "{mac_before}");

    // A stopped one is started; one that is to be different is replaced at the same address.
    docker(&["stop", "-t", "0", &node.node]);
    Node::ensure(&host, &again).await.unwrap();
    assert_eq!(docker(&["ps", "-q", "--no-trunc", "--filter", &label]), id);
    let other = UpOptions { bind: Some("127.0.0.1".to_owned()), ..again.clone() };
    let replaced = Node::ensure(&host, &other).await.unwrap();
    assert_eq!((replaced.settings().http, replaced.settings().bind.as_str()), (8080, "127.0.0.1"));
    let new_id = docker(&["ps", "-q", "--no-trunc", "--filter", &label]);
    assert!(new_id != id && mac(&new_id) == mac_before);

    let found = Node::find(&host, &node.node).await.unwrap().unwrap();
    let status = found.status().await.unwrap();
    assert!(matches!(status.state, State::Running { .. }) && status.memory.is_some(), "{status:?}");
    assert_eq!((status.pods, status.containers, status.volumes), (0, 0, 1));
    let other_subnet = UpOptions { subnet: Some("10.200.0.0/16".parse().unwrap()), ..again };
    assert!(matches!(Node::ensure(&host, &other_subnet).await, Err(NodeError::Taken(_))));

    let removed = Node::down(&host, &node.node, false).await.unwrap();
    assert_eq!((removed.containers, removed.networks.len(), removed.volumes.len()), (1, 1, 0));
    assert_eq!(removed.kept, [format!("{}-state", node.node)]);
    let removed = Node::down(&host, &node.node, true).await.unwrap();
    assert_eq!((removed.containers, removed.volumes.len(), removed.kept.len()), (0, 1, 0));
    assert!(Node::find(&host, &node.node).await.unwrap().is_none());
}

/// An agent that answers 503 once and then 200, on the socket where the agent of a node listens.
async fn fake_agent(listener: UnixListener) {
    let mut answers = ["503 Service Unavailable"].into_iter().chain(std::iter::repeat("200 OK"));
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        while stream.read(&mut request).await.is_ok_and(|n| n > 0) {
            let answer = format!("HTTP/1.1 {}\r\ncontent-length: 0\r\n\r\n", answers.next().unwrap());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn the_agent_is_reached_through_docker() {
    let scene = Scene::with_network("dial");
    let run = scene.folder().join("run");
    std::fs::create_dir_all(&run).unwrap();
    let label = format!("{NODE_LABEL}={}", scene.node);
    let mount = format!("{}:/run/wharf", run.display());
    let env =
        [&format!("NODE={}", scene.node), "IMAGE=x", "SUBNET=10.9.0.0/16", "INGRESS_HTTP=80", "INGRESS_HTTPS=443"];
    let env: Vec<_> = env.iter().map(|e| format!("-eWHARF_{e}")).collect();
    let mut args = vec!["run", "-d", "--name", &scene.node, "--label", &label, "-v", &mount];
    args.extend(env.iter().map(String::as_str));
    docker(&[&args[..], &[&scene.image(), "pause"]].concat());
    let node = Node::find(&Host::connect().await.unwrap(), &scene.node).await.unwrap().unwrap();

    let late = node.wait_ready(Duration::from_millis(300)).await;
    assert!(matches!(late, Err(NodeError::NotReady { .. })));
    // The agent comes while the far end waits for it.
    let wait = node.wait_ready(BOUND);
    let come = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        tokio::spawn(fake_agent(UnixListener::bind(run.join("api.sock")).unwrap()));
    };
    let (ready, ()) = tokio::join!(wait, come);
    ready.unwrap();

    // The end of what we send is passed on, and the far end's end ends the stream.
    let mut stream = node.dial().await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    timeout(BOUND, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[tokio::test]
async fn another_container_of_the_nodes_name_is_left_alone() {
    let scene = Scene::with_network("own");
    let label = format!("{NODE_LABEL}={}", scene.node);
    let foreign = format!("{}-x", scene.node);
    docker(&["create", "--label", &label, "--name", &foreign, &scene.image(), "pause"]);
    let host = Host::connect().await.unwrap();
    assert!(matches!(Node::find(&host, &foreign).await, Err(NodeError::Taken(_))));
    assert!(matches!(Node::down(&host, &foreign, true).await, Err(NodeError::Taken(_))));
}
