//! Ingress: hosts, paths, certificates, WebSockets and reloads, all on a real nginx.

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use futures_util::StreamExt;
use serde_json::Value;

use crate::harness::workloads::{all, web, web_with};
use crate::harness::{LATER, Node, Ran, SOON, certificate, eventually, get};
use crate::load::Load;
use crate::services::nginx;

fn ingress(name: &str, spec: &str) -> String {
    format!("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: {name}}}\nspec: {spec}\n")
}

fn path(path: &str, how: &str, service: &str) -> String {
    format!("{{path: {path}, pathType: {how}, backend: {{service: {{name: {service}, port: {{number: 80}}}}}}}}")
}

fn rule(host: &str, paths: &[String]) -> String {
    format!("{{host: '{host}', http: {{paths: [{}]}}}}", paths.join(", "))
}

fn rules(rules: &[String]) -> String {
    format!("{{rules: [{}]}}", rules.join(", "))
}

/// A server of this name that finds its page under every path that these tests ask for.
fn app(name: &str) -> String {
    web_with(name, 1, "", "").replace(
        "hostname >/www/index.html",
        "for p in . api/v1 exact; do mkdir -p /www/$p; hostname >/www/$p/index.html; done",
    )
}

impl Node {
    /// Which app answers a host and path through nginx; the code where none does.
    fn served(&self, host: &str, path: &str) -> String {
        match get(&format!("127.0.0.1:{}", self.http_port), host, path) {
            Ok(answer) if answer.code == 200 => answer.body.split('-').next().unwrap().to_owned(),
            Ok(answer) => answer.code.to_string(),
            Err(error) => error.kind().to_string(),
        }
    }

    #[track_caller]
    fn serves(&self, host: &str, path: &str, wanted: &str) {
        let mut last = String::new();
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            eventually("", SOON, || {
                last = self.served(host, path);
                (last == wanted).then_some(())
            });
        }));
        assert!(found.is_ok(), "{host}{path} is served by {last}, not {wanted}");
    }

    /// The warnings about an Ingress, with their reasons.
    fn warnings(&self, name: &str) -> Vec<String> {
        let about = |e: &&Value| e["involvedObject"]["kind"] == "Ingress" && e["involvedObject"]["name"] == name;
        let events = self.list("events");
        let text = |e: &Value| format!("{}: {}", e["reason"].as_str().unwrap(), e["message"].as_str().unwrap());
        events.iter().filter(about).filter(|e| e["type"] == "Warning").map(text).collect()
    }

    fn warned(&self, name: &str, words: &[&str]) {
        let mut seen = Vec::new();
        eventually(&format!("a warning about {name} with {words:?}"), SOON, || {
            seen = self.warnings(name);
            seen.iter().any(|w| words.iter().all(|word| w.contains(word))).then_some(())
        });
    }

    /// Asks nginx by TLS for a host, trusting only this certificate.
    fn tls(&self, host: &str, trusted: &Path) -> Ran {
        let (port, trusted) = (self.https_port, trusted.to_str().unwrap());
        let resolve = format!("{host}:{port}:127.0.0.1");
        let url = format!("https://{host}:{port}/");
        Ran::of(Command::new("curl").args(["-sS", "-m", "5", "--cacert", trusted, "--resolve", &resolve, &url]), "")
    }
}

#[test]
fn hosts_and_paths() {
    let node = Node::up("paths");
    let fixed = rule(
        "shop.test",
        &[path("/", "Prefix", "front"), path("/api", "Prefix", "back"), path("/exact", "Exact", "back")],
    );
    let wild = rule("*.shop.test", &[path("/", "Prefix", "back")]);
    let shop = ingress("shop", &rules(&[fixed, wild]));
    node.apply(&all(&[&app("front"), &app("back"), &shop]));
    node.serves("shop.test", "/", "front");
    for (host, path, by) in [
        ("shop.test", "/api/v1/", "back"),
        ("shop.test", "/apix", "404"),
        ("shop.test", "/exact/", "front"),
        ("any.shop.test", "/", "back"),
        ("a.b.shop.test", "/", "404"),
        ("elsewhere.test", "/", "404"),
    ] {
        assert_eq!(node.served(host, path), by, "{host}{path}");
    }
    let default = "{defaultBackend: {service: {name: back, port: {name: http}}}}".replace("name: http", "number: 80");
    node.apply(&ingress("rest", &default));
    node.serves("elsewhere.test", "/", "back");
    assert_eq!(node.served("shop.test", "/"), "front");
    // A rule that can't be served is told of, and takes no other down.
    let bad = rules(&[
        rule("bad.test", &[path("/", "Prefix", "nobody")]),
        rule("good.test", &[path("/", "Prefix", "front")]),
    ]);
    node.try_apply(&ingress("mixed", &bad), &["--wait=false"]);
    node.serves("good.test", "/", "front");
    node.serves("bad.test", "/", "503");
    node.warned("mixed", &["nobody"]);
    assert_eq!(node.served("shop.test", "/"), "front");
    node.wharf(&["delete", "ingress", "shop", "rest", "mixed"]).ok();
    eventually("nginx is gone with the last Ingress", LATER, || {
        let nginx = node.containers().into_iter().any(|c| c.label("wharf.pod") == "ingress");
        (!nginx && TcpStream::connect(("127.0.0.1", node.http_port)).is_err()).then_some(())
    });
}

#[test]
fn certificates() {
    let node = Node::up("tls");
    let folder = std::env::temp_dir().join(&node.name);
    std::fs::create_dir_all(&folder).unwrap();
    let ((one, first), (two, second)) =
        (certificate(&folder, "shop-tls", "one", "shop.test"), certificate(&folder, "shop-tls", "two", "shop.test"));
    let spec = rules(&[rule("shop.test", &[path("/", "Prefix", "front")])]);
    let shop = ingress("shop", &spec.replace("{rules:", "{tls: [{hosts: [shop.test], secretName: shop-tls}], rules:"));
    node.try_apply(&all(&[&web("front", 1), &shop]), &["--wait=false"]);
    node.warned("shop", &["shop-tls"]);
    node.serves("shop.test", "/", "front");
    node.apply(&first);
    let by = |trusted: &Path| node.tls("shop.test", trusted).out.starts_with("front-");
    eventually("the first certificate is served", SOON, || by(&one).then_some(()));
    assert!(!by(&two), "only the right one is trusted");
    node.apply(&second);
    eventually("the second certificate is served", SOON, || by(&two).then_some(()));
    let broken = second.replace("tls.key: ", "tls.key: QQ==, x: ");
    node.apply(&broken);
    node.warned("shop", &["shop-tls", "tls.key"]);
    node.serves("shop.test", "/", "front");
    let _ = std::fs::remove_dir_all(folder);
}

/// Greets every WebSocket with one message.
const GREETER: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: greeter, labels: {app: greeter}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: greeter
      image: curlimages/curl:8.8.0
      command:
        - perl
        - -e
        - |
          use Socket; socket(S, PF_INET, SOCK_STREAM, 0); setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);
          bind(S, sockaddr_in(80, INADDR_ANY)) && listen(S, 9) or die;
          while (accept(C, S)) {
            my $key; while (<C>) { $key = $1 if /^Sec-WebSocket-Key: (\S+)/i; last if /^\r$/ } $key or next;
            my $accept = `printf '%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11' '$key' | openssl dgst -sha1 -binary | base64`; chomp $accept;
            $| = 1; syswrite C, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: $accept\r\n\r\n";
            sysread C, my $asked, 100; syswrite C, "\x81\x05hello";
          }
---
apiVersion: v1
kind: Service
metadata: {name: greeter}
spec: {selector: {app: greeter}, ports: [{port: 80}]}
"#;

#[test]
fn a_websocket_goes_through() {
    let node = Node::up("socket");
    let spec = rules(&[rule("chat.test", &[path("/", "Prefix", "greeter")])]);
    node.apply(&all(&[GREETER, &ingress("chat", &spec)]));
    let greet = async || {
        let stream = tokio::net::TcpStream::connect(("127.0.0.1", node.http_port)).await.ok()?;
        let (mut socket, answer) = tokio_tungstenite::client_async("ws://chat.test/talk", stream).await.ok()?;
        assert_eq!(answer.status(), 101);
        futures_util::SinkExt::send(&mut socket, "hi".into()).await.ok()?;
        socket.next().await?.ok()?.into_text().ok().map(|text| text.to_string())
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let said = eventually("the greeter answers", SOON, || {
        runtime
            .block_on(async { tokio::time::timeout(std::time::Duration::from_secs(5), greet()).await.ok().flatten() })
    });
    assert_eq!(said, "hello");
}

#[test]
fn what_nginx_refuses_leaves_the_old_configuration() {
    let node = Node::up("refused");
    let spec = |host: &str| rules(&[rule(host, &[path("/", "Prefix", "front")])]);
    node.apply(&all(&[&app("front"), &ingress("one", &spec("one.test"))]));
    node.serves("one.test", "/", "front");
    // What nginx includes of its own image is broken behind wharf's back.
    let id = node.container("wharf-system/ingress", "nginx").unwrap().id;
    node.docker(&["exec", &id, "sh", "-c", "cp /etc/nginx/mime.types /tmp/ && echo nonsense >/etc/nginx/mime.types"]);
    node.try_apply(&ingress("two", &spec("two.test")), &["--wait=false"]);
    node.warned("two", &["Rejected", "mime.types"]);
    assert_eq!(node.served("one.test", "/"), "front");
    assert_eq!(node.served("two.test", "/"), "404");
    node.docker(&["exec", &id, "cp", "/tmp/mime.types", "/etc/nginx/mime.types"]);
    node.apply(&ingress("three", &spec("three.test")));
    node.serves("two.test", "/", "front");
    assert_eq!(node.served("three.test", "/"), "front");
}

#[test]
fn no_request_is_lost_while_pods_and_ingresses_change() {
    let node = Node::up("reload");
    let spec = |host: &str| rules(&[rule(host, &[path("/", "Prefix", "web")])]);
    node.apply(&all(&[&nginx(4, 1), &ingress("web", &spec("web.test"))]));
    let load = Load::on(&format!("127.0.0.1:{}", node.http_port), "web.test");
    for n in 0..3 {
        node.apply(&ingress("more", &spec(&format!("more{n}.test"))));
    }
    node.apply(&nginx(4, 2));
    node.apply(&nginx(1, 2));
    node.wharf(&["delete", "ingress", "more"]).ok();
    eventually("three pods are gone", LATER, || (node.names("pods -l app=web").len() == 1).then_some(()));
    load.stop_unharmed();
}
