//! Services: one address and name for their life, ports by number and name, names from every kind of image, host ports.

use std::collections::BTreeSet;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use crate::harness::workloads::{all, client, web, web_with};
use crate::harness::{LATER, Node, Ran, SOON, eventually, get};
use crate::load::Load;

/// A pod whose static busybox resolves names without glibc.
const BUSYBOX: &str = "apiVersion: v1
kind: Pod
metadata: {name: box}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - {name: client, image: busybox:1.36, command: [sleep, '36000']}
";

/// Every pod answers datagrams with its name and what it got.
const UDP: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: echo}
spec:
  replicas: 2
  selector: {matchLabels: {app: echo}}
  template:
    metadata: {labels: {app: echo}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: echo
          image: curlimages/curl:8.8.0
          command:
            - perl
            - -e
            - |
              use Socket; socket(S, PF_INET, SOCK_DGRAM, 0); bind(S, sockaddr_in(5353, INADDR_ANY)) or die;
              while (my $from = recv(S, $text, 1000, 0)) { send(S, "$ENV{HOSTNAME} $text", 0, $from) }
          ports: [{name: dgram, containerPort: 5353, protocol: UDP}]
---
apiVersion: v1
kind: Service
metadata: {name: echo}
spec:
  selector: {app: echo}
  ports: [{name: echo, port: 53, targetPort: dgram, protocol: UDP}]
"#;

fn service(name: &str, spec: &str) -> String {
    format!("apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {spec}\n")
}

/// A Deployment and no Service; its pods have the label `of` too.
fn deployment(name: &str, of: &str, port: u16) -> String {
    let with = web_with(name, 1, "", "").replace("-p 80", &format!("-p {port}"));
    let with = with.replace("containerPort: 80", &format!("containerPort: {port}"));
    let with = with.replace(&format!("labels: {{app: {name}}}"), &format!("labels: {{app: {name}, of: {of}}}"));
    with.split("---\n").next().unwrap().to_owned()
}

/// Runs a command in a pod's container `client`.
fn run_in(node: &Node, pod: &str, command: &[&str]) -> Ran {
    let id = node.container(pod, "client").unwrap_or_else(|| panic!("{pod} does not run")).id;
    node.try_docker(&[&["exec", &id], command].concat())
}

/// Who answers at a URL, until as many did as are expected.
fn answering(node: &Node, url: &str, count: usize) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    eventually(&format!("{count} pods answer at {url}"), LATER, || {
        seen.extend(node.get_in_pod("client", url).ok());
        (seen.len() >= count).then_some(())
    });
    seen
}

#[test]
fn a_service_keeps_its_address_for_life() {
    let node = Node::up("address");
    let both = all(&[&web("web", 1), &client()]);
    node.apply(&all(&[&both, &deployment("other", "shop", 8080)]));
    let (address, url) = (node.service_address("web"), "http://web/");
    let answers = |prefix: &str| {
        eventually(&format!("{prefix} answers at {address}"), LATER, || {
            let told = node.get_in_pod("client", url).ok()?;
            told.starts_with(prefix).then_some(())
        });
        assert_eq!(node.service_address("web"), address);
    };
    answers("web-");
    // Asked from the Docker host itself.
    assert!(get(&format!("{address}:80"), "web", "/").unwrap().body.starts_with("web-"));
    node.apply(&both);
    answers("web-");
    node.apply(&service("web", "{selector: {app: other}, ports: [{port: 80, targetPort: http}]}"));
    answers("other-");
    node.wharf(&["delete", "service", "web"]).ok();
    assert!(node.get_in_pod("client", url).is_err());
    node.apply(&both);
    answers("web-");
    node.docker(&["restart", &node.name]);
    answers("web-");
}

#[test]
fn ports_by_name_and_readiness_over_several_deployments() {
    let node = Node::up("ports");
    let gate = "          readinessProbe:\n            exec: {command: [test, -e, /tmp/ready]}\n            periodSeconds: 1\n";
    let gated = deployment("gated", "shop", 8082);
    let (head, probe) = gated.split_once("          readinessProbe:").unwrap();
    assert!(probe.contains("httpGet"));
    let gated = format!("{head}{gate}");
    let shop = service("shop", "{selector: {of: shop}, ports: [{name: web, port: 80, targetPort: http}]}");
    let bare =
        service("bare", "{clusterIP: None, selector: {of: shop}, ports: [{name: web, port: 80, targetPort: http}]}");
    node.apply(&all(&[
        &deployment("a", "shop", 8080),
        &deployment("b", "shop", 8081),
        &shop,
        &bare,
        &client(),
        BUSYBOX,
    ]));
    let names =
        |seen: &BTreeSet<String>| seen.iter().map(|s| s.split('-').next().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&answering(&node, "http://shop/", 2)), ["a", "b"]);
    assert_eq!(node.try_apply(&gated, &["--wait=false"]).code, 0);
    let pod = eventually("the gated pod runs", LATER, || {
        let pod = node.names("pods -l app=gated").pop()?;
        node.container(&pod, "web").map(|_| pod)
    });
    for _ in 0..20 {
        let answer = node.get_in_pod("client", "http://shop/").unwrap();
        assert!(!answer.starts_with("gated"), "it is not ready: {answer}");
    }
    let id = node.container(&pod, "web").unwrap().id;
    node.docker(&["exec", &id, "touch", "/tmp/ready"]);
    assert_eq!(names(&answering(&node, "http://shop/", 3)), ["a", "b", "gated"]);
    // A headless service has the addresses of its pods.
    let pods = node.list("pods -l of=shop");
    let wanted: BTreeSet<_> = pods.iter().map(|p| p["status"]["podIP"].as_str().unwrap().to_owned()).collect();
    eventually("the headless name has all addresses", SOON, || {
        let told = run_in(&node, "box", &["nslookup", "bare.default.svc.cluster.local"]).out;
        let found =
            told.lines().filter_map(|l| l.strip_prefix("Address: ")).map(str::to_owned).collect::<BTreeSet<_>>();
        (found == wanted).then_some(())
    });
    node.docker(&["exec", &id, "rm", "/tmp/ready"]);
    eventually("the gated pod leaves", SOON, || {
        let all = (0..12).map(|_| node.get_in_pod("client", "http://shop/").unwrap_or_default());
        all.into_iter().all(|a| !a.is_empty() && !a.starts_with("gated")).then_some(())
    });
}

#[test]
fn names_from_glibc_and_busybox() {
    let node = Node::up("names");
    // What no name leads to in the cluster is asked of a server of our own, which knows one address for all names.
    let server = r#"use Socket; socket(S, PF_INET, SOCK_DGRAM, 0); bind(S, sockaddr_in(5300, INADDR_ANY)) or die;
              while (my $from = recv(S, $q, 512, 0)) {
                my $end = 12; $end += 1 + ord(substr($q, $end, 1)) while ord(substr($q, $end, 1)); my $a = ord(substr($q, $end + 2, 1)) == 1;
                send(S, substr($q, 0, 2) . pack("n5", 0x8180, 1, $a, 0, 0) . substr($q, 12, $end - 7)
                  . ($a ? pack("nnnNnC4", 0xc00c, 1, 1, 60, 4, 192, 0, 2, 77) : ""), 0, $from) }"#;
    let upstream =
        UDP.replace("name: echo", "name: outside").replace("app: echo", "app: outside").replace("5353", "5300");
    let (head, tail) = upstream.split_once("use Socket;").unwrap();
    let upstream = format!("{head}{server}\n{}", tail.split_once("$from) }\n").unwrap().1);
    let alias = service("alias", "{type: ExternalName, externalName: www.example.com}");
    let inner = service("inner", "{type: ExternalName, externalName: web.default.svc.cluster.local}");
    node.apply(&all(&[&web("web", 1), &upstream, &alias, &inner, &client(), BUSYBOX]));
    let address = node.service_address("web");
    for name in ["web", "web.default", "web.default.svc", "web.default.svc.cluster.local", "inner"] {
        let page = run_in(&node, "box", &["wget", "-q", "-O-", &format!("http://{name}/")]);
        assert!(page.out.starts_with("web-"), "{page}");
        let found = run_in(&node, "client", &["getent", "ahostsv4", name]).out;
        assert!(found.starts_with(&address), "{name}: {found}");
        assert!(node.get_in_pod("client", &format!("http://{name}/")).unwrap().starts_with("web-"), "{name}");
    }
    for (pod, command) in [("box", &["nslookup", "nobody"][..]), ("client", &["getent", "ahosts", "nobody"])] {
        let began = Instant::now();
        let ran = run_in(&node, pod, command);
        assert_ne!(ran.code, 0, "{ran}");
        assert!(began.elapsed() < Duration::from_secs(3), "no answer at once: {:?}", began.elapsed());
    }
    ask_outside(&node);
    for name in ["www.example.com", "alias"] {
        eventually(&format!("{name} is found outside"), SOON, || {
            let found = run_in(&node, "client", &["getent", "ahostsv4", name]).out;
            found.starts_with("192.0.2.77").then_some(())
        });
    }
    let found = run_in(&node, "box", &["nslookup", "alias.default.svc.cluster.local"]).out;
    assert!(found.contains("canonical name = www.example.com") && found.contains("192.0.2.77"), "{found}");
}

/// Makes the node ask the pod `outside` for names that are not the cluster's.
fn ask_outside(node: &Node) {
    let own = node.own();
    let file = node.docker(&["inspect", "-f", "{{.ResolvConfPath}}", &own.id]);
    std::fs::write(file, format!("nameserver {}\n", node.service_address("outside"))).unwrap();
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", own.pid)).unwrap();
    let agent = children.split_whitespace().next().unwrap();
    assert!(std::process::Command::new("kill").args(["-9", agent]).status().unwrap().success());
}

#[test]
fn datagrams_go_to_those_who_are_there() {
    let node = Node::up("udp");
    node.apply(UDP);
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    socket.connect((node.service_address("echo"), 53)).unwrap();
    let mut number = 0;
    let mut ask = |socket: &UdpSocket| {
        number += 1;
        socket.send(number.to_string().as_bytes()).ok()?;
        let mut buffer = [0; 200];
        let length = socket.recv(&mut buffer).ok()?;
        // What is late is no answer to this question.
        String::from_utf8(buffer[..length].to_vec()).unwrap().strip_suffix(&format!(" {number}")).map(str::to_owned)
    };
    let first = eventually("an answer", SOON, || ask(&socket));
    let other = node.names("pods -l app=echo").into_iter().find(|name| *name != first).unwrap();
    // The same socket, whose flow the kernel knows: it has to move on to the other pod.
    node.wharf(&["delete", "pod", &first]).ok();
    let second = eventually("another pod answers", SOON, || ask(&socket).filter(|name| *name != first));
    assert!(node.names("pods -l app=echo").contains(&second) || second == other);
}

#[test]
fn ports_on_the_host() {
    let node = Node::up("host");
    let (fixed, before, other) = (30000 + node.port() % 2000, node.port(), node.port());
    let node_port = service(
        "np",
        &format!(
            "{{type: NodePort, selector: {{app: web}}, ports: [{{name: a, port: 80, targetPort: http, nodePort: {fixed}}}, {{name: b, port: 81, targetPort: http}}]}}"
        ),
    );
    let balancer = |port| {
        service(
            "lb",
            &format!("{{type: LoadBalancer, selector: {{app: web}}, ports: [{{port: {port}, targetPort: http}}]}}"),
        )
    };
    node.apply(&all(&[&web("web", 1), &node_port, &balancer(before), &client()]));
    let answers = |port: u16| {
        let answer = get(&format!("127.0.0.1:{port}"), "web", "/").ok()?;
        answer.body.starts_with("web-").then_some(())
    };
    let allotted = u16::try_from(node.get("service np")["spec"]["ports"][1]["nodePort"].as_u64().unwrap()).unwrap();
    assert!((30000..=32767).contains(&allotted));
    answers(before).expect("apply waits for a load balancer");
    for port in [fixed, allotted] {
        eventually(&format!("{port} answers"), SOON, || answers(port));
    }
    let (pod, address) = (node.container(&node.names("pods -l app=web")[0], "web"), node.service_address("lb"));
    node.apply(&balancer(other));
    eventually("the new port answers", SOON, || answers(other));
    eventually("the old port is closed", SOON, || answers(before).is_none().then_some(()));
    node.apply(&service("lb", "{type: ClusterIP, selector: {app: web}, ports: [{port: 80, targetPort: http}]}"));
    eventually("no port of it is left", SOON, || answers(other).is_none().then_some(()));
    assert_eq!(node.service_address("lb"), address);
    assert!(node.get_in_pod("client", "http://lb/").unwrap().starts_with("web-"));
    assert_eq!(node.container(&node.names("pods -l app=web")[0], "web"), pod, "the app was not touched");
}

#[test]
fn a_port_of_the_host_that_is_taken() {
    let node = Node::up("taken");
    let taken = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let balancer = service(
        "lb",
        &format!("{{type: LoadBalancer, selector: {{app: web}}, ports: [{{port: {port}, targetPort: http}}]}}"),
    );
    let ran = node.try_apply(&all(&[&web("web", 1), &balancer, &client()]), &["--timeout", "90s"]);
    let told = ran.clone().fails(3);
    assert!(told.contains("service/lb") && told.contains(&port.to_string()), "{told}");
    assert!(told.contains("in use") || told.contains("already allocated"), "{told}");
    let events = node.list("events");
    let about = events.iter().find(|e| e["involvedObject"]["kind"] == "Service" && e["type"] == "Warning");
    let about = about.unwrap_or_else(|| panic!("{events:?}"));
    assert_eq!((&about["involvedObject"]["name"], &about["reason"]), (&"lb".into(), &"NotPublished".into()));
    assert!(node.get_in_pod("client", &format!("http://lb:{port}/")).unwrap().starts_with("web-"));
    drop(taken);
    eventually("the port is taken when it is free", LATER, || get(&format!("127.0.0.1:{port}"), "web", "/").ok());
}

/// nginx, that ends its connections in order when it is told to.
pub fn nginx(replicas: u32, version: u32) -> String {
    format!(
        r#"apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - name: nginx
          image: nginx:1.27
          env: [{{name: VERSION, value: "{version}"}}]
          ports: [{{name: http, containerPort: 80}}]
          readinessProbe: {{httpGet: {{path: /, port: http}}, periodSeconds: 1}}
---
{}"#,
        service("web", "{selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}")
    )
}

#[test]
fn nobody_is_led_to_a_pod_that_ends() {
    let node = Node::up("leave");
    node.apply(&nginx(4, 1));
    let load = Load::on(&format!("{}:80", node.service_address("web")), "web");
    node.apply(&nginx(4, 2));
    node.apply(&nginx(1, 2));
    eventually("three pods are gone", LATER, || (node.names("pods -l app=web").len() == 1).then_some(()));
    load.stop_unharmed();
}
