//! Budgets: how many pods may go.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use serde_json::{Value, json};

use super::plan;
use crate::api::{Key, Kind, Timestamp, View};

fn owner(kind: &str, name: &str) -> Value {
    json!([{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": name, "controller": true}])
}

/// A Deployment of `replicas` with that many pods ready, under a budget; the counts of its status.
fn counts(replicas: usize, ready: usize, spec: &Value, disrupted: &[&str]) -> String {
    let meta = |name: &str| json!({"name": name, "namespace": "shop", "uid": name});
    let get = |object: Value| object;
    let mut budget_spec = json!({"selector": {"matchLabels": {"app": "web"}}});
    budget_spec.as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
    let disrupted: serde_json::Map<_, _> =
        disrupted.iter().map(|n| ((*n).to_owned(), json!("1970-01-01T00:00:00Z"))).collect();
    let budget = json!({"metadata": meta("web"), "spec": budget_spec, "status": {"disruptedPods": disrupted}});
    let mut view = View::of([serde_json::from_value::<PodDisruptionBudget>(get(budget)).unwrap()]);
    let mut set = json!({"metadata": meta("set"), "spec": {"replicas": replicas, "selector": {}}});
    set["metadata"]["ownerReferences"] = owner("Deployment", "dep");
    view.extend([serde_json::from_value::<ReplicaSet>(set).unwrap()]);
    let deployment = json!({"metadata": meta("dep"), "spec": {"replicas": replicas, "selector": {}, "template": {}}});
    view.extend([serde_json::from_value::<Deployment>(deployment).unwrap()]);
    for i in 0..replicas {
        let mut pod =
            json!({"metadata": meta(&format!("web-{i}")), "spec": {"containers": []}, "status": {"phase": "Running"}});
        pod["metadata"]["labels"] = json!({"app": "web"});
        pod["metadata"]["ownerReferences"] = owner("ReplicaSet", "set");
        pod["status"]["conditions"] = json!([{"type": "Ready", "status": if i < ready { "True" } else { "False" }}]);
        view.extend([serde_json::from_value::<Pod>(pod).unwrap()]);
    }
    let key = Key::new(Kind::of::<PodDisruptionBudget>(), "shop", "web");
    let plan = plan(&view, &key, Timestamp::from_second(60).unwrap());
    let Some(crate::api::Action::UpdateStatus(_, object)) = plan.steps.last().map(|s| &s.action) else {
        panic!("{plan}")
    };
    let n = |field: &str| object["status"][field].as_i64().unwrap();
    format!(
        "{} of {}, {} needed, {} may go",
        n("currentHealthy"),
        n("expectedPods"),
        n("desiredHealthy"),
        n("disruptionsAllowed")
    )
}

#[test]
fn so_many_may_go_as_are_more_than_needed() {
    for (replicas, ready, spec, expected) in [
        (3, 3, json!({"minAvailable": 2}), "3 of 3, 2 needed, 1 may go"),
        (3, 2, json!({"minAvailable": 2}), "2 of 3, 2 needed, 0 may go"),
        (3, 3, json!({"minAvailable": "50%"}), "3 of 3, 2 needed, 1 may go"),
        (3, 3, json!({"maxUnavailable": 1}), "3 of 3, 2 needed, 1 may go"),
        (7, 7, json!({"maxUnavailable": "30%"}), "7 of 7, 4 needed, 3 may go"),
        (3, 1, json!({"maxUnavailable": 1}), "1 of 3, 2 needed, 0 may go"),
        (2, 2, json!({"maxUnavailable": 0}), "2 of 2, 2 needed, 0 may go"),
    ] {
        assert_eq!(counts(replicas, ready, &spec, &[]), expected, "{spec}");
    }
}

#[test]
fn an_evicted_pod_counts_no_more() {
    assert_eq!(counts(3, 3, &json!({"minAvailable": 2}), &["web-0", "gone"]), "2 of 3, 2 needed, 0 may go");
}
