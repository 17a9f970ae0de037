//! The client in process, and what informers promise.

use std::time::Duration;

use futures_util::StreamExt;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use serde_json::{Value, json};

use super::{Client, DeleteOptions, Informer, ListOptions, WatchEvent};
use crate::api::object::meta;
use crate::api::{Key, Kind, Ranges};
use crate::apiserver::{Config, Rest};
use crate::store::Store;

fn rest() -> Rest {
    let ranges = Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap();
    Rest::new(Store::in_memory().unwrap(), Config { node: "test".into(), ranges }).unwrap()
}

fn config(name: &str, value: &str) -> Value {
    json!({"metadata": {"name": name, "labels": {"v": value}}, "data": {"v": value}})
}

fn revision(object: &Value) -> u64 {
    meta(object, "resourceVersion").parse().unwrap()
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(5), future).await.expect("in time")
}

#[tokio::test]
async fn a_watch_tells_what_comes_into_and_leaves_its_selection() {
    let client = Client::Local(rest());
    let kind = Kind::of::<ConfigMap>();
    let first = client.create(kind, &config("a", "1")).await.unwrap();
    let options = ListOptions { labels: "v=2".into(), ..ListOptions::default() };
    let mut events = client.watch(kind, &options, revision(&first)).await.unwrap();
    for value in ["2", "2", "3"] {
        let mut next = config("a", value);
        next["data"]["n"] =
            Value::from(format!("{value}{}", client.list(kind, &ListOptions::default()).await.unwrap().revision));
        client.update(kind, "", &next).await.unwrap();
    }
    let mut told = Vec::new();
    for _ in 0..3 {
        told.push(match soon(events.next()).await.unwrap().unwrap() {
            WatchEvent::Added(_) => "added",
            WatchEvent::Modified(_) => "modified",
            WatchEvent::Deleted(_) => "deleted",
        });
    }
    assert_eq!(told, ["added", "modified", "deleted"]);
}

#[tokio::test]
async fn an_informer_shows_all_changes_and_catches_up_on_other_kinds() {
    let client = Client::Local(rest());
    let kind = Kind::of::<ConfigMap>();
    client.create(kind, &config("a", "1")).await.unwrap();
    let informer = Informer::start(&client, &[kind, Kind::of::<Secret>()]).await.unwrap();
    let mut changes = informer.changes();
    assert_eq!(soon(changes.recv()).await.unwrap().name, "a");
    let b = client.create(kind, &config("b", "1")).await.unwrap();
    soon(informer.caught_up(revision(&b))).await;
    assert!(informer.view().get::<ConfigMap>("default", "b").is_some());
    assert_eq!(soon(changes.recv()).await.unwrap().name, "b");
    let pod = json!({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
    let pod = client.create(Kind::by_word("pod").unwrap(), &pod).await.unwrap();
    soon(informer.caught_up(revision(&pod))).await;
    assert!(informer.view().revision >= revision(&pod));
    let gone = client.delete(&Key::new(kind, "default", "a"), &DeleteOptions::default()).await.unwrap();
    soon(informer.caught_up(revision(&gone))).await;
    assert!(informer.view().get::<ConfigMap>("default", "a").is_none());
    assert_eq!(soon(changes.recv()).await.unwrap().name, "a");
    drop(informer);
    assert!(soon(changes.recv()).await.is_none(), "the task ends with the informer");
}

#[tokio::test]
async fn an_informer_lists_again_when_the_history_is_gone() {
    let store = Store::in_memory().unwrap();
    let ranges = Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap();
    let rest = Rest::new(store.clone(), Config { node: "test".into(), ranges }).unwrap();
    let client = Client::Local(rest);
    let kind = Kind::of::<ConfigMap>();
    let informer = Informer::start(&client, &[kind]).await.unwrap();
    let a = client.create(kind, &config("a", "1")).await.unwrap();
    // A text that is no object ends the watch with an error; the next list passes it by once it is gone.
    let broken = Key::new(kind, "default", "broken");
    let at = store.create(&broken, bytes::Bytes::from_static(b"{")).unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let end = store.delete(&broken, at).unwrap();
    store.compact(end).unwrap();
    soon(informer.caught_up(end)).await;
    assert!(informer.view().get::<ConfigMap>("default", meta(&a, "name")).is_some());
}
