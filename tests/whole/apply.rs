//! `wharf apply`: what it writes, says and waits for, wherever the manifests come from.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::node::{Node, app, config};

#[tokio::test(flavor = "multi_thread")]
async fn applies_waits_and_touches_nothing_the_second_time() {
    let node = Node::start().await;
    node.write("app.yaml", &format!("{}---\n{}", config("settings"), app("web", 2, "web:1")));
    let first = node.wharf("apply -f app.yaml").await.exits(0);
    assert_eq!(first.out, "", "data only goes to standard output");
    for line in ["configmap/settings created", "service/web created", "deployment.apps/web created", "3 created"] {
        assert!(first.err.lines().any(|l| l == line), "{line} is not in\n{}", first.err);
    }
    assert!(first.err.contains("✓ deployment.apps/web: 2 of 2 ready"), "{}", first.err);
    let containers = node.engine.list();
    assert_eq!(containers.lines().count(), 4, "two pods of a sandbox and a container each:\n{containers}");

    let second = node.wharf("apply -f app.yaml").await.exits(0);
    assert!(second.err.ends_with("\n3 unchanged\n"), "{}", second.err);
    assert_eq!(node.engine.list(), containers);

    node.write("app.yaml", &format!("{}---\n{}", config("settings"), app("web", 2, "web:2")));
    let third = node.wharf("apply -f app.yaml").await.exits(0);
    assert!(third.err.contains("deployment.apps/web configured"), "{}", third.err);
    assert!(third.err.ends_with("\n1 configured, 2 unchanged\n"), "{}", third.err);
    node.eventually("get pods -o yaml", |out| out.contains("image: web:2") && !out.contains("image: web:1")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_get_ready_is_told_with_its_events() {
    let node = Node::start().await;
    node.write("lost.yaml", &app("lost", 1, "nowhere:1"));
    let lost = node.wharf("apply -f lost.yaml --timeout 60s").await.exits(3);
    assert!(lost.err.contains("error: deployment.apps/lost is not ready: 0 of 1 ready; lost-"), "{}", lost.err);
    assert!(lost.err.contains("manifest for nowhere:1 not found"), "{}", lost.err);
    assert!(lost.err.contains("\n  events:\n"), "{}", lost.err);

    let began = Instant::now();
    node.wharf("apply -f lost.yaml --wait=false").await.exits(0);
    node.wharf("apply -f lost.yaml --timeout 1s").await.exits(3);
    assert!(began.elapsed() < Duration::from_secs(20));

    node.engine.refuse("web", "failed to bind host port 0.0.0.0:80: address already in use");
    node.write("refused.yaml", &app("refused", 1, "web:1"));
    let refused = node.wharf("apply -f refused.yaml --timeout 2s").await.exits(3);
    assert!(refused.err.contains("address already in use"), "{}", refused.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_standard_input_folders_and_addresses() {
    let node = Node::start().await;
    let said = node.pipe("apply -f -", &config("piped")).await.exits(0);
    assert!(said.err.contains("configmap/piped created"), "{}", said.err);

    node.write("all/one.yaml", &config("one"));
    node.write("all/notes.txt", "not a manifest");
    node.write("all/below/two.json", r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"two"}}"#);
    node.wharf("apply -f all").await.exits(0);
    assert_eq!(node.configs("").await, "configmap/one\nconfigmap/piped\n");
    node.wharf("apply -R -f all").await.exits(0);
    assert_eq!(node.configs("").await, "configmap/one\nconfigmap/piped\nconfigmap/two\n");

    let address = serve(config("fetched")).await;
    node.wharf(&format!("apply -f http://{address}/app.yaml")).await.exits(0);
    node.wharf("get cm fetched").await.exits(0);
    let missing = node.wharf(&format!("apply -f http://{address}/nothing")).await.exits(1);
    assert!(missing.err.contains("/nothing: error: can't be fetched: http status: 404"), "{}", missing.err);
}

/// Answers for `/app.yaml` until the test ends.
async fn serve(text: String) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let length = stream.read(&mut request).await.unwrap();
            let found = request[..length].starts_with(b"GET /app.yaml ");
            let (status, body) = if found { ("200 OK", text.as_str()) } else { ("404 Not Found", "") };
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_go_to_their_namespaces() {
    let node = Node::start().await;
    node.write("a.yaml", &config("a"));
    let missing = node.wharf("apply -n shop -f a.yaml").await.exits(1);
    assert!(
        missing.err.contains("a.yaml:3:1: error: metadata.namespace: Namespace shop exists neither"),
        "{}",
        missing.err
    );
    node.write("b.yaml", &format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop}}\n---\n{}", config("b")));
    node.wharf("apply -n shop -f b.yaml -f a.yaml").await.exits(0);
    assert_eq!(node.configs("-n shop").await, "configmap/a\nconfigmap/b\n");
    assert_eq!(node.configs("").await, "");
    let all = node.wharf("get cm -A").await.out;
    assert!(all.starts_with("NAMESPACE ") && all.contains("\nshop "), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_at_once_do_not_disturb_each_other() {
    let node = Node::start().await;
    node.write("web.yaml", &app("web", 2, "web:1"));
    for name in ["a", "b", "c"] {
        node.write(&format!("{name}.yaml"), &config(name));
    }
    let same = "apply -f web.yaml";
    let (one, two, a, b, c, get) = tokio::join!(
        node.wharf(same),
        node.wharf(same),
        node.wharf("apply -f a.yaml"),
        node.wharf("apply -f b.yaml"),
        node.wharf("apply -f c.yaml"),
        node.wharf("get all -A"),
    );
    for done in [one, two, a, b, c, get] {
        done.exits(0);
    }
    assert_eq!(node.configs("").await, "configmap/a\nconfigmap/b\nconfigmap/c\n");
    assert_eq!(node.engine.list().lines().count(), 4, "{}", node.engine.list());
}
