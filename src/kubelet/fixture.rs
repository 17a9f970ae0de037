//! A good pod and what the engine has of it, for tests to mutate.

use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use super::observe::{Observed, by_pod};
use super::policy::container_hash;
use super::runtime::{Container, Limits, State};
use super::sandbox::labels;
use crate::api::Timestamp;
use crate::api::names::{self, container as label};

/// So many seconds after the pod began.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

/// Adds the fields of one JSON object to another.
pub fn merge(into: &mut Value, from: Value) {
    let Value::Object(from) = from else { panic!("{from} is no object") };
    into.as_object_mut().unwrap().extend(from);
}

/// A pod with the containers `app` and `side`.
pub fn pod() -> Pod {
    serde_json::from_value(json!({
        "metadata": {"name": "web", "namespace": "shop", "uid": "u1"},
        "spec": {
            "nodeName": "wharf",
            "containers": [{"name": "app", "image": "nginx:1"}, {"name": "side", "image": "busybox:1"}],
        },
    }))
    .unwrap()
}

/// The pod with the init containers `one` and `two` before.
pub fn pod_with_inits() -> Pod {
    let mut pod = pod();
    let inits = json!([{"name": "one", "image": "busybox:1"}, {"name": "two", "image": "busybox:1"}]);
    pod.spec.as_mut().unwrap().init_containers = serde_json::from_value(inits).unwrap();
    pod
}

/// A running container since that second.
pub fn running(second: i64) -> State {
    State::Running { started: at(second) }
}

/// A container that ran from one second to the next with this code.
pub fn exited(second: i64, code: i64) -> State {
    let error = String::new();
    State::Exited { started: Some(at(second)), finished: at(second + 1), code, oom: false, error }
}

/// A container of [`pod`], created at that second; the sandbox has no role.
pub fn container(role: &str, attempt: u32, second: i64, state: State) -> Container {
    let pod = pod_with_inits();
    let mut labels = labels(&pod, "wharf");
    if !role.is_empty() {
        let spec = pod.spec.as_ref().unwrap();
        let mut declared = spec.containers.iter().chain(spec.init_containers.iter().flatten());
        labels.insert(label::CONTAINER.to_owned(), role.to_owned());
        labels.insert(label::ATTEMPT.to_owned(), attempt.to_string());
        labels.insert(label::HASH.to_owned(), container_hash(declared.find(|c| c.name == role).unwrap()));
    }
    let name = names::container_name("wharf", "shop", "web", role, attempt);
    Container {
        id: format!("id-{name}"),
        name,
        labels,
        image: "nginx:1".to_owned(),
        image_id: "sha256:1".to_owned(),
        state,
        created: at(second),
        limits: Limits { cpu_shares: Some(2), ..Limits::default() },
        address: role.is_empty().then(|| "10.201.1.7".parse().unwrap()),
    }
}

/// What the engine has of the pod.
pub fn observed(containers: &[Container]) -> Observed {
    by_pod(containers.to_vec()).remove("u1").unwrap_or_default()
}

/// A sandbox since second 0 and both containers since second 1.
pub fn good() -> Vec<Container> {
    vec![container("", 0, 0, running(0)), container("app", 0, 1, running(1)), container("side", 0, 1, running(1))]
}
