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
fn what_no_probe_looks_at_counts_once_it_has_run_for_a_moment() {
    let first = |second: i64, probe: Value| {
        let mut pod = restarted(second);
        pod["spec"] = json!({"containers": [{"name": "c", "readinessProbe": probe}]});
        pod["status"]["containerStatuses"][0]["lastState"] = json!({});
        stands("pod", &pod)
    };
    let (yes, no) = (Readiness::Ready("ready".to_owned()), Readiness::Waiting("web: c has just started".to_owned()));
    assert_eq!(first(99, json!(null)), no);
    assert_eq!(first(98, json!(null)), yes);
    assert_eq!(first(110, json!(null)), yes, "the host's clock is fast");
    assert_eq!(first(99, json!({"httpGet": {"port": 80}})), yes);
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

/// A StatefulSet of two pods, of which so many are ready, updated and there.
fn stateful([available, updated, all]: [i32; 3]) -> Value {
    json!({
        "metadata": {"name": "db", "namespace": "shop", "uid": "s", "generation": 2},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "db"}}, "template": {}},
        "status": {"observedGeneration": 2, "readyReplicas": available, "updatedReplicas": updated, "replicas": all,
            "updateRevision": "db-2"},
    })
}

#[test]
fn a_stateful_set_is_ready_when_all_its_pods_are_new_and_ready() {
    let waits = |text: &str| Readiness::Waiting(text.to_owned());
    assert_eq!(stands("sts", &stateful([1, 2, 2])), waits("1 of 2 ready"));
    assert_eq!(stands("sts", &stateful([2, 1, 2])), waits("1 of 2 ready"));
    assert_eq!(stands("sts", &stateful([2, 2, 3])), waits("2 of 2 ready"));
    assert_eq!(stands("sts", &stateful([2, 2, 2])), Readiness::Ready("2 of 2 ready".to_owned()));
    let mut set = stateful([2, 1, 2]);
    set["spec"]["updateStrategy"] = json!({"rollingUpdate": {"partition": 1}});
    assert_eq!(stands("sts", &set), Readiness::Ready("2 of 2 ready".to_owned()));
    set["metadata"]["generation"] = json!(3);
    assert_eq!(stands("sts", &set), waits("not seen yet"));
}

#[test]
fn a_broken_pod_that_holds_an_update_up_is_told() {
    let waiting = json!({"waiting": {"reason": "ErrImageNeverPull", "message": "no such image"}});
    let pod = json!({
        "metadata": {"name": "db-1", "namespace": "shop", "labels": {"app": "db", "controller-revision-hash": "db-1"}},
        "status": {"phase": "Pending", "containerStatuses": [{"name": "c", "image": "i", "imageID": "", "ready": false,
            "restartCount": 0, "state": waiting}]},
    });
    let mut view = View::default();
    let set = stateful([1, 0, 2]);
    for (word, object) in [("sts", &set), ("pod", &pod)] {
        let kind = Kind::by_word(word).unwrap();
        view.insert(Key::of(kind, object), (kind.decode)(object).unwrap());
    }
    let key = Key::of(Kind::by_word("sts").unwrap(), &set);
    let told = "0 of 2 ready; db-1: c: ErrImageNeverPull: no such image; db-1 is of an older template and holds the update \
                up, as in Kubernetes: `wharf delete pod db-1`";
    assert_eq!(readiness(&view, &key, at(100)), Readiness::Failed(told.to_owned()));
}

#[test]
fn a_daemon_set_is_ready_when_its_pod_is_new_and_available_or_not_wanted() {
    let set = |desired: i32, available: i32, updated: i32| {
        stands(
            "ds",
            &json!({
                "metadata": {"name": "logs", "namespace": "shop", "generation": 1},
                "spec": {"selector": {"matchLabels": {"app": "logs"}}, "template": {}},
                "status": {"observedGeneration": 1, "desiredNumberScheduled": desired, "currentNumberScheduled": desired,
                    "numberMisscheduled": 0, "numberReady": available, "numberAvailable": available,
                    "updatedNumberScheduled": updated},
            }),
        )
    };
    assert_eq!(set(1, 1, 1), Readiness::Ready("1 of 1 ready".to_owned()));
    assert_eq!(set(1, 1, 0), Readiness::Waiting("0 of 1 ready".to_owned()));
    assert_eq!(set(1, 0, 1), Readiness::Waiting("0 of 1 ready".to_owned()));
    assert_eq!(set(0, 0, 0), Readiness::Ready("0 of 0 ready".to_owned()));
}

#[test]
fn a_job_is_ready_when_it_is_complete() {
    let job = |suspend: bool, status: Value| {
        let spec = json!({"completions": 3, "suspend": suspend, "template": {}});
        stands("job", &json!({"metadata": {"name": "sum", "namespace": "shop"}, "spec": spec, "status": status}))
    };
    let ended = |kind: &str, reason: &str| json!({"succeeded": 3, "conditions": [{"type": kind, "status": "True", "reason": reason, "message": "so it is"}]});
    let waits = Readiness::Waiting("1 of 3 succeeded, 2 failed".to_owned());
    assert_eq!(job(false, json!({"succeeded": 1, "failed": 2})), waits);
    assert_eq!(job(true, json!({})), Readiness::Ready("suspended".to_owned()));
    let complete = Readiness::Ready("complete, 3 of 3 succeeded".to_owned());
    assert_eq!(job(false, ended("Complete", "CompletionsReached")), complete);
    let failed = Readiness::Failed("3 of 3 succeeded; BackoffLimitExceeded: so it is".to_owned());
    assert_eq!(job(false, ended("Failed", "BackoffLimitExceeded")), failed);
}
