//! The client over HTTP, on streams in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use serde_json::json;
use tokio::sync::mpsc;

use super::memory::{config, rest, revision, soon};
use crate::api::{Key, Kind};
use crate::apiserver::access::Peer;
use crate::apiserver::http::{Api, serve};
use crate::apiserver::{self, PodStreams};
use crate::client::{
    Client, DeleteOptions, Dial, Duplex, Error, ExecQuery, Flow, Informer, Input, Later, ListOptions, LogQuery, Output,
    Patch, Remote, Session, WatchEvent,
};

/// Says what it was asked, and sends standard input back.
struct Echo;

impl PodStreams for Echo {
    fn logs<'a>(
        &'a self,
        namespace: &'a str,
        pod: &'a str,
        query: &'a LogQuery,
    ) -> Later<'a, Result<Flow<Result<Bytes, apiserver::Error>>, apiserver::Error>> {
        let lines = [format!("{namespace}/{pod} "), format!("{:?} {}", query.tail, query.follow)];
        Box::pin(async { Ok(Box::pin(stream::iter(lines.map(|l| Ok(Bytes::from(l))))) as Flow<_>) })
    }

    fn exec<'a>(
        &'a self,
        _: &'a str,
        pod: &'a str,
        query: &'a ExecQuery,
    ) -> Later<'a, Result<Session, apiserver::Error>> {
        Box::pin(async move {
            if pod == "none" {
                return Err(apiserver::Error::NotFound(Key::new(Kind::of::<Pod>(), "default", pod)));
            }
            let (input, mut inputs) = mpsc::channel(4);
            let (outputs, output) = mpsc::channel(4);
            let said = query.command.join("|");
            tokio::spawn(async move {
                outputs.send(Output::Stderr(said.into())).await.unwrap();
                while let Some(Input::Stdin(bytes)) = inputs.recv().await {
                    outputs.send(Output::Stdout(bytes)).await.unwrap();
                }
                outputs.send(Output::Exit(3)).await.unwrap();
            });
            let output = stream::unfold(output, async |mut o| o.recv().await.map(|next| (next, o)));
            Ok(Session { input, output: Box::pin(output) })
        })
    }
}

/// Dials the API in memory; all connections break off when told.
struct InMemory {
    api: Api,
    dialled: Arc<AtomicUsize>,
    breaks: Arc<tokio::sync::Notify>,
}

impl Dial for InMemory {
    fn dial(&self) -> Later<'_, std::io::Result<Box<dyn Duplex>>> {
        let (near, far) = tokio::io::duplex(1 << 16);
        self.dialled.fetch_add(1, Ordering::Relaxed);
        let (api, breaks) = (self.api.clone(), self.breaks.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = serve(far, api, Peer::Local) => {}
                () = breaks.notified() => {}
            }
        });
        Box::pin(async { Ok(Box::new(near) as Box<dyn Duplex>) })
    }
}

fn remote() -> (Client, Arc<AtomicUsize>, Arc<tokio::sync::Notify>) {
    let (dialled, breaks) = (Arc::default(), Arc::default());
    let api = Api::new(rest(), Arc::new(Echo), Arc::new(Arc::default));
    let dial = InMemory { api, dialled: Arc::clone(&dialled), breaks: Arc::clone(&breaks) };
    (Client::Remote(Remote::new(dial)), dialled, breaks)
}

fn configs() -> &'static Kind {
    Kind::of::<ConfigMap>()
}

#[tokio::test]
async fn objects_live_and_die_over_one_connection() {
    let (client, dialled, _) = remote();
    client.ready().await.unwrap();
    assert_eq!(client.version().await.unwrap()["node"], "test");
    let new = client.create(configs(), &config("a", "1")).await.unwrap();
    let key = Key::of(configs(), &new);
    assert_eq!(client.get(&key).await.unwrap(), new);
    let mut stale = config("a", "2");
    stale["metadata"]["resourceVersion"] = "1".into();
    assert!(client.update(configs(), "", &stale).await.unwrap_err().is_conflict());
    let merged = client.patch(&key, "", Patch::Merge(json!({"data": {"w": "x"}}))).await.unwrap();
    assert_eq!(merged["data"], json!({"v": "1", "w": "x"}));
    let json = json!([{"op": "remove", "path": "/data/w"}]);
    assert_eq!(client.patch(&key, "", Patch::Json(json)).await.unwrap()["data"], json!({"v": "1"}));
    let wrong = DeleteOptions { uid: Some("x".into()), ..DeleteOptions::default() };
    assert!(client.delete(&key, &wrong).await.unwrap_err().is_conflict());
    client.delete(&key, &DeleteOptions::default()).await.unwrap();
    let gone = client.get(&key).await.unwrap_err();
    assert!(gone.is_not_found());
    assert_eq!(gone.to_string(), "configmaps \"a\" not found");
    let list = client.list(configs(), &ListOptions { labels: "v=1".into(), ..ListOptions::default() }).await.unwrap();
    assert_eq!((list.items.len(), list.revision > revision(&new)), (0, true));
    let bad = client.list(configs(), &ListOptions { labels: "a b".into(), ..ListOptions::default() }).await;
    assert!(bad.unwrap_err().is("BadRequest"));
    assert_eq!(dialled.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_second_apply_writes_nothing() {
    let (client, ..) = remote();
    let key = Key::new(configs(), "default", "a");
    let mut object = config("a", "1");
    object["apiVersion"] = "v1".into();
    object["kind"] = "ConfigMap".into();
    let apply = |object| client.patch(&key, "", Patch::Apply { object, manager: "wharf".into(), force: false });
    let first = apply(object.clone()).await.unwrap();
    assert_eq!(apply(object.clone()).await.unwrap(), first);
    object["data"] = json!({"w": "2"});
    assert_eq!(apply(object).await.unwrap()["data"], json!({"w": "2"}));
}

#[tokio::test]
async fn a_watch_and_an_informer_follow_over_http() {
    let (client, dialled, breaks) = remote();
    client.create(configs(), &config("a", "1")).await.unwrap();
    let mut events = client.watch(configs(), &ListOptions::default(), 0).await.unwrap();
    assert!(matches!(soon(events.next()).await, Some(Ok(WatchEvent::Added(_)))));
    let informer = Informer::start(&client, &[configs()]).await.unwrap();
    let secret = client.create(Kind::of::<Secret>(), &json!({"metadata": {"name": "s"}})).await.unwrap();
    soon(informer.caught_up(revision(&secret))).await;
    let b = client.create(configs(), &config("b", "1")).await.unwrap();
    assert_eq!(soon(events.next()).await.unwrap().unwrap(), WatchEvent::Added(b));
    breaks.notify_waiters();
    assert!(matches!(soon(events.next()).await, Some(Err(Error::Unreachable(_)))));
    let c = soon(client.create(configs(), &config("c", "1"))).await.unwrap();
    soon(informer.caught_up(revision(&c))).await;
    assert!(informer.view().get::<ConfigMap>("default", "c").is_some());
    assert_eq!(dialled.load(Ordering::Relaxed), 2);
    let future = client.watch(configs(), &ListOptions::default(), 9999).await.unwrap().next().await;
    assert!(future.unwrap().unwrap_err().is("Expired"));
}

#[tokio::test]
async fn logs_and_programs_of_pods_stream() {
    let (client, ..) = remote();
    let pod = Key::new(Kind::of::<Pod>(), "default", "p");
    let query = LogQuery { tail: Some(5), follow: true, ..LogQuery::default() };
    let log: Vec<_> = client.logs(&pod, &query).await.unwrap().map(Result::unwrap).collect().await;
    assert_eq!(log.concat(), b"default/p Some(5) true");
    let query =
        ExecQuery { command: vec!["sh".into(), "a b&c".into(), String::new()], stdin: true, ..ExecQuery::default() };
    let Session { input, mut output } = client.exec(&pod, &query).await.unwrap();
    assert_eq!(soon(output.next()).await, Some(Output::Stderr("sh|a b&c|".into())));
    input.send(Input::Stdin("hello".into())).await.unwrap();
    assert_eq!(soon(output.next()).await, Some(Output::Stdout("hello".into())));
    drop(input);
    assert_eq!(soon(output.next()).await, Some(Output::Exit(3)));
    assert_eq!(soon(output.next()).await, None);
    let none = Key::new(Kind::of::<Pod>(), "default", "none");
    assert!(client.exec(&none, &query).await.err().unwrap().is_not_found());
}
