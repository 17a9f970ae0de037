//! Which pods are behind a Service, on which ports, and who may be sent new connections.

use insta::assert_snapshot;
use k8s_openapi::api::core::v1::{Endpoints, Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use serde_json::{Value, json};

use super::plan;
use crate::api::{Action, Key, Kind, Timestamp, View};

fn service(spec: &Value) -> Service {
    serde_json::from_value(json!({"metadata": {"name": "web", "namespace": "shop", "uid": "s1"}, "spec": spec}))
        .unwrap()
}

fn pod(name: &str, ip: &str, ready: bool, port: i32) -> Pod {
    let ready = if ready { "True" } else { "False" };
    let pod = json!({
        "metadata": {"name": name, "namespace": "shop", "uid": name, "labels": {"app": "web"}},
        "spec": {"nodeName": "wharf", "containers": [
            {"name": "web", "ports": [{"name": "http", "containerPort": port}]}]},
        "status": {"podIP": ip, "phase": "Running", "conditions": [{"type": "Ready", "status": ready}]},
    });
    serde_json::from_value(pod).unwrap()
}

fn key() -> Key {
    Key::new(Kind::of::<Service>(), "shop", "web")
}

/// What is written, a line an address: ports, address, and whether it is ready, serving, terminating.
fn text(view: &View) -> String {
    let plan = plan(view, &key(), Timestamp::UNIX_EPOCH);
    let mut lines = Vec::new();
    for step in &plan.steps {
        let name = step.action.to_string();
        let name = name.split_once("web-").map_or(name.clone(), |(head, _)| format!("{head}web-SUFFIX"));
        lines.push(format!("{name}: {}", step.why));
        let (Action::Create(_, o) | Action::Update(_, o)) = &step.action else { continue };
        let ports = |o: &Value| {
            let ports = o["ports"].as_array().cloned().unwrap_or_default();
            ports
                .iter()
                .map(|p| format!("{}={}", p["name"].as_str().unwrap_or("-"), p["port"]))
                .collect::<Vec<_>>()
                .join(",")
        };
        for subset in o["subsets"].as_array().into_iter().flatten() {
            for (field, word) in [("addresses", "ready"), ("notReadyAddresses", "not ready")] {
                for a in subset[field].as_array().into_iter().flatten() {
                    lines.push(format!("  {} {} {word}", ports(subset), a["ip"].as_str().unwrap()));
                }
            }
        }
        for e in o["endpoints"].as_array().into_iter().flatten() {
            let c = |name: &str| e["conditions"][name].as_bool().unwrap();
            let states = ["ready", "serving", "terminating"].into_iter().filter(|n| c(n)).collect::<Vec<_>>().join(" ");
            lines.push(format!("  {} {} {states}", ports(o), e["addresses"][0].as_str().unwrap()));
        }
    }
    lines.join("\n")
}

fn http() -> Value {
    json!({"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "http"}]})
}

#[test]
fn a_pod_on_its_way_out_is_ready_no_more_but_serves() {
    let mut ending = pod("c", "10.0.0.3", true, 8080);
    ending.metadata.deletion_timestamp = Some(serde_json::from_value(json!("1970-01-01T00:00:00Z")).unwrap());
    let mut view = View::of([service(&http())]);
    view.extend([pod("a", "10.0.0.1", true, 8080), pod("b", "10.0.0.2", false, 8080), ending]);
    view.extend([pod("no-address", "", true, 8080)]);
    assert_snapshot!(text(&view), @r"
    create Endpoints shop/web: 1 of 3 pods ready
      -=8080 10.0.0.1 ready
      -=8080 10.0.0.2 not ready
    create EndpointSlice shop/web-SUFFIX: 1 ready of 3
      =8080 10.0.0.1 ready serving
      =8080 10.0.0.2 
      =8080 10.0.0.3 serving terminating
    ");
}

#[test]
fn pods_that_give_a_port_name_different_numbers_are_told_apart() {
    let mut view = View::of([service(&http())]);
    view.extend([pod("a", "10.0.0.1", true, 8080), pod("b", "10.0.0.2", true, 9090)]);
    assert_snapshot!(text(&view), @r"
    create Endpoints shop/web: 2 of 2 pods ready
      -=8080 10.0.0.1 ready
      -=9090 10.0.0.2 ready
    create EndpointSlice shop/web-SUFFIX: 1 ready of 1
      =8080 10.0.0.1 ready serving
    create EndpointSlice shop/web-SUFFIX: 1 ready of 1
      =9090 10.0.0.2 ready serving
    ");
}

#[test]
fn unready_pods_are_published_where_that_is_asked_for() {
    let mut spec = http();
    spec["publishNotReadyAddresses"] = json!(true);
    spec["clusterIP"] = json!("None");
    let mut view = View::of([service(&spec)]);
    view.extend([pod("b", "10.0.0.2", false, 8080)]);
    assert_snapshot!(text(&view), @r"
    create Endpoints shop/web: 1 of 1 pods ready
      -=8080 10.0.0.2 ready
    create EndpointSlice shop/web-SUFFIX: 1 ready of 1
      =8080 10.0.0.2 ready
    ");
}

#[test]
fn what_is_written_stays_until_the_service_goes() {
    let mut view = View::of([service(&http())]);
    view.extend([pod("a", "10.0.0.1", true, 8080)]);
    for step in plan(&view, &key(), Timestamp::UNIX_EPOCH).steps {
        let Action::Create(kind, object) = step.action else { panic!("{}", step.action) };
        view.insert(Key::of(kind, &object), (kind.decode)(&object).unwrap());
    }
    assert_snapshot!(text(&view), @"");
    view.remove(&key());
    assert_snapshot!(text(&view), @r"
    delete Endpoints shop/web: its Service is gone
    delete EndpointSlice shop/web-SUFFIX: nothing is in it any more
    ");
}

#[test]
fn endpoints_that_people_made_are_left_alone_and_mirrored() {
    let mut view = View::of([service(&json!({"ports": [{"port": 5432}]}))]);
    assert_snapshot!(text(&view), @"");
    let made = json!({
        "metadata": {"name": "web", "namespace": "shop"},
        "subsets": [{"addresses": [{"ip": "192.0.2.7"}], "ports": [{"port": 5432}]}],
    });
    view.extend([serde_json::from_value::<Endpoints>(made).unwrap()]);
    assert_snapshot!(text(&view), @r"
    create EndpointSlice shop/web-SUFFIX: 1 ready of 1
      =5432 192.0.2.7 ready serving
    ");
    assert_eq!(view.all::<EndpointSlice>().count(), 0);
}
