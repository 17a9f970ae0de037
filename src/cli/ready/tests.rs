//! When people are told that something is ready, and why it is not.

use serde_json::json;

use super::{Readiness, readiness};
use crate::api::{Key, Kind, Timestamp, Value, View};

/// How an object stands at second 100.
fn stands(word: &str, object: &Value) -> Readiness {
    let kind = Kind::by_word(word).unwrap();
    let (mut view, key) = (View::default(), Key::of(kind, object));
    view.insert(key.clone(), (kind.decode)(object).unwrap());
    readiness(&view, &key, at(100))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A ready pod whose container has run since that second, and crashed before.
fn restarted(second: i64) -> Value {
    let started = at(second).to_string();
    json!({"metadata": {"name": "web", "namespace": "default"}, "status": {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [{"name": "c", "image": "i", "imageID": "i", "ready": true, "restartCount": 1,
            "state": {"running": {"startedAt": started}}, "lastState": {"terminated": {"exitCode": 4}}}],
    }})
}

#[test]
fn a_container_that_has_just_crashed_does_not_count_yet() {
    let young = Readiness::Waiting("web: c runs again after exit code 4".to_owned());
    assert_eq!(stands("pod", &restarted(91)), young);
    assert_eq!(stands("pod", &restarted(90)), Readiness::Ready("ready".to_owned()));
}

#[test]
fn a_service_tells_why_its_ports_are_not_on_the_host() {
    let service = |status: Value| {
        let metadata = json!({"name": "web", "namespace": "shop"});
        json!({"metadata": metadata, "spec": {"type": "LoadBalancer"}, "status": status})
    };
    let alone = stands("svc", &service(json!({})));
    assert_eq!(alone, Readiness::Waiting("waits for its ports on the host".to_owned()));
    let since = |second| {
        let condition = json!({"type": "wharf.dev/Published", "status": "False", "reason": "PublisherNotReady",
            "message": "port 80 is taken", "lastTransitionTime": at(second).to_string()});
        service(json!({"conditions": [condition]}))
    };
    let why = "its ports are not on the host: port 80 is taken".to_owned();
    assert_eq!(stands("svc", &since(90)), Readiness::Waiting(why.clone()));
    assert_eq!(stands("svc", &since(80)), Readiness::Failed(why));
}
