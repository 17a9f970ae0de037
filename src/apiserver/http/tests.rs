//! Forms of requests and answers, over a stream in memory with HTTP/1.1.

mod access;

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;

use super::{Api, serve};
use crate::api::Ranges;
use crate::apiserver::access::Peer;
use crate::apiserver::{Config, Error, ExecQuery, Flow, Later, LogQuery, PodStreams, Rest, Session};
use crate::store::Store;

/// Has no pods.
struct NoPods;

impl PodStreams for NoPods {
    fn logs<'a>(
        &'a self,
        _: &'a str,
        _: &'a str,
        _: &'a LogQuery,
    ) -> Later<'a, Result<Flow<Result<Bytes, Error>>, Error>> {
        Box::pin(async { Err(Error::BadRequest("no logs".into())) })
    }

    fn exec<'a>(&'a self, _: &'a str, _: &'a str, _: &'a ExecQuery) -> Later<'a, Result<Session, Error>> {
        Box::pin(async { Err(Error::Unavailable("no exec".into())) })
    }
}

/// The code and the body of the answer to one request.
async fn send(
    api: Api,
    peer: Peer,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> (u16, String) {
    let (near, far) = tokio::io::duplex(1 << 16);
    tokio::spawn(serve(far, api, peer));
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(near)).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = sender.send_request(request.body(Full::new(body.into())).unwrap()).await.unwrap();
    let code = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (code, String::from_utf8(body.to_vec()).unwrap())
}

/// The same through the agent's own socket.
async fn ask(rest: &Rest, method: Method, path: &str, content_type: &str, body: impl Into<Bytes>) -> (u16, String) {
    let api = Api::new(rest.clone(), Arc::new(NoPods), Arc::new(Arc::default));
    send(api, Peer::Local, method, path, &[("content-type", content_type)], body).await
}

async fn get(rest: &Rest, path: &str) -> (u16, String) {
    ask(rest, Method::GET, path, "application/json", "").await
}

fn rest() -> Rest {
    let ranges = Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap();
    Rest::new(Store::in_memory().unwrap(), Config { node: "test".into(), ranges }).unwrap()
}

#[tokio::test]
async fn bodies_are_json_or_yaml_of_a_bounded_size() {
    let rest = rest();
    let path = "/api/v1/namespaces/default/configmaps";
    let yaml = "metadata:\n  name: a\ndata:\n  k: v\n";
    assert_eq!(ask(&rest, Method::POST, path, "application/yaml", yaml).await.0, 201);
    let (code, body) = ask(&rest, Method::POST, path, "application/json; charset=utf-8", "{").await;
    let status: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((code, &status["kind"], &status["reason"]), (400, &"Status".into(), &"BadRequest".into()));
    assert_eq!(ask(&rest, Method::POST, path, "application/json", vec![b' '; 4 << 20]).await.0, 413);
    assert_eq!(ask(&rest, Method::POST, path, "application/vnd.kubernetes.protobuf", "x").await.0, 415);
    let strategic = "application/strategic-merge-patch+json";
    let (_, patched) = ask(&rest, Method::PATCH, &format!("{path}/a"), strategic, r#"{"data": {"k": null}}"#).await;
    assert!(patched.contains("\"data\":{}"), "{patched}");
    assert_eq!(ask(&rest, Method::PATCH, &format!("{path}/a"), "application/json", "{}").await.0, 415);
    let apply = format!("{path}/b?fieldManager=me&force=true");
    let yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n";
    assert_eq!(ask(&rest, Method::PATCH, &apply, "application/apply-patch+yaml", yaml).await.0, 200);
    let tried = ask(&rest, Method::DELETE, &format!("{path}/b?dryRun=All"), "application/json", "").await;
    assert_eq!(tried.0, 200, "{tried:?}");
    let options = r#"{"kind": "DeleteOptions", "dryRun": ["All"]}"#;
    assert_eq!(ask(&rest, Method::DELETE, &format!("{path}/b"), "application/json", options).await.0, 200);
    let refused = ask(&rest, Method::DELETE, &format!("{path}/b?dryRun=Some"), "application/json", "").await;
    assert!(refused.1.contains("supported values"), "{refused:?}");
    assert_eq!(get(&rest, &format!("{path}/b")).await.0, 200, "what was only tried changed nothing");
}

#[tokio::test]
async fn paths_lead_to_discovery_health_and_objects() {
    let rest = rest();
    assert_eq!(get(&rest, "/readyz").await, (200, "ok".into()));
    let groups: Value = serde_json::from_str(&get(&rest, "/apis").await.1).unwrap();
    assert_eq!(groups["groups"][0]["preferredVersion"]["groupVersion"], "apps/v1");
    let apps: Value = serde_json::from_str(&get(&rest, "/apis/apps/v1").await.1).unwrap();
    let names: Vec<_> = apps["resources"].as_array().unwrap().iter().filter_map(|r| r["name"].as_str()).collect();
    assert!(names.contains(&"deployments") && names.contains(&"deployments/scale"), "{names:?}");
    let (code, pods) = get(&rest, "/api/v1/pods?labelSelector=a%20in%20(b)&limit=500").await;
    let pods: Value = serde_json::from_str(&pods).unwrap();
    assert_eq!((code, &pods["kind"], &pods["items"]), (200, &"PodList".into(), &serde_json::json!([])));
    assert_eq!(get(&rest, "/api/v1/things").await.0, 404);
    assert_eq!(ask(&rest, Method::PUT, "/api/v1/pods", "application/json", "{}").await.0, 405);
    assert_eq!(get(&rest, "/api/v1/namespaces/default/pods/p/log").await.0, 400);
    assert!(get(&rest, "/api/v1/namespaces/default/pods/p/exec?command=sh").await.1.contains("Upgrade"));
}

#[tokio::test]
async fn a_watch_ends_in_time_and_marks_how_far_it_got() {
    let rest = rest();
    let path = "/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Ddefault&timeoutSeconds=1";
    let (code, lines) = get(&rest, path).await;
    let words = |lines: &str| {
        let line = |line: &str| serde_json::from_str::<Value>(line).unwrap()["type"].as_str().unwrap().to_owned();
        lines.lines().map(line).collect::<Vec<_>>().join(" ")
    };
    assert_eq!((code, words(&lines).as_str()), (200, "ADDED"));
    let path = "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=1&timeoutSeconds=1";
    assert_eq!(words(&get(&rest, path).await.1), "BOOKMARK");
    assert_eq!(words(&get(&rest, "/api/v1/pods?watch=true&resourceVersion=999").await.1), "ERROR");
}

#[tokio::test]
async fn long_lists_come_in_pages_of_one_revision() {
    let rest = rest();
    let path = "/api/v1/namespaces/default/configmaps";
    for name in ["a", "b", "c"] {
        let body = format!(r#"{{"metadata": {{"name": "{name}"}}}}"#);
        assert_eq!(ask(&rest, Method::POST, path, "application/json", body).await.0, 201);
    }
    let page = async |query: &str| -> Value {
        let (code, text) = get(&rest, &format!("{path}?{query}")).await;
        assert_eq!(code, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    };
    let first = page("limit=2").await;
    assert_eq!((first["items"].as_array().unwrap().len(), &first["metadata"]["remainingItemCount"]), (2, &1.into()));
    assert_eq!(ask(&rest, Method::DELETE, &format!("{path}/c"), "application/json", "").await.0, 200);
    let second = page(&format!("limit=2&continue={}", first["metadata"]["continue"].as_str().unwrap())).await;
    assert_eq!(second["items"][0]["metadata"]["name"], "c", "it was there when the list began");
    assert!(second["metadata"]["continue"].is_null());
    assert_eq!(second["metadata"]["resourceVersion"], first["metadata"]["resourceVersion"]);
    assert_eq!(page("").await["items"].as_array().unwrap().len(), 2);
    assert_eq!(get(&rest, &format!("{path}?limit=1&continue=x")).await.0, 400);
    assert_eq!(get(&rest, &format!("{path}?resourceVersion=99999")).await.0, 504);
}
