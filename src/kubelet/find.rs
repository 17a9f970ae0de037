//! Which Docker container is meant by a pod and the name of one of its containers.

use k8s_openapi::api::core::v1::Pod;

use super::policy::last_status;
use super::runtime::{self, Container, State};
use crate::api::Object;
use crate::api::names::container;

/// The annotation that names the container meant when none is named.
/// <https://kubernetes.io/docs/reference/labels-annotations-taints/#kubectl-kubernetes-io-default-container>
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// Why there is no container to read from or to run in, in Kubernetes' words.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request does not say which container, or names one that the pod does not have.
    #[error("{0}")]
    Request(String),
    /// The container is not there (yet, or any more), or does not run.
    #[error("{0}")]
    Absent(String),
    /// The engine refused.
    #[error("{0}")]
    Engine(#[from] runtime::Error),
}

/// The name of the container that is meant: the one that is wanted if the pod has it, its only one, or its default one.
///
/// # Errors
/// If the pod has no such container, or several and none is named.
pub fn name<'a>(pod: &'a Pod, wanted: Option<&str>) -> Result<&'a str, Error> {
    let spec = pod.spec.as_ref();
    let init: Vec<_> = spec.iter().flat_map(|s| s.init_containers.iter().flatten()).map(|c| c.name.as_str()).collect();
    let apps: Vec<_> = spec.iter().flat_map(|s| &s.containers).map(|c| c.name.as_str()).collect();
    let wanted = wanted.filter(|w| !w.is_empty()).or_else(|| pod.annotation(DEFAULT_CONTAINER));
    if let Some(wanted) = wanted {
        let found = apps.iter().chain(&init).find(|name| **name == wanted);
        let error = || Error::Request(format!("container {wanted} is not valid for pod {}", pod.name()));
        return found.copied().ok_or_else(error);
    }
    if let [only] = apps[..] {
        return Ok(only);
    }
    let (pod, apps, init) = (pod.name(), apps.join(" "), init.join(" "));
    let init = if init.is_empty() { init } else { format!(" or one of the init containers: [{init}]") };
    let text = format!("a container name must be specified for pod {pod}, choose one of: [{apps}]{init}");
    Err(Error::Request(text))
}

/// The id of the newest container of that name.
///
/// # Errors
/// If none was created yet.
pub fn newest<'a>(containers: &'a [Container], pod: &Pod, name: &str) -> Result<&'a str, Error> {
    let waiting = || format!("container \"{name}\" in pod \"{}\" is waiting to start: ContainerCreating", pod.name());
    attempts(containers, pod, name).last().map(|c| c.id.as_str()).ok_or_else(|| Error::Absent(waiting()))
}

/// The id of the container that the newest one replaced, or is to be replaced itself: of the one that ended last, while
/// the pod's status says that another life of it runs or waits.
///
/// # Errors
/// If there is none.
pub fn previous<'a>(containers: &'a [Container], pod: &Pod, name: &str) -> Result<&'a str, Error> {
    let absent = || format!("previous terminated container \"{name}\" in pod \"{}\" not found", pod.name());
    let attempts = attempts(containers, pod, name);
    let state = last_status(pod, name).and_then(|s| s.state.as_ref());
    let waits = state.is_some_and(|s| s.waiting.is_some());
    let found = match attempts.last().map(|c| &c.state) {
        Some(State::Exited { .. }) if waits => attempts.last(),
        _ => attempts.iter().nth_back(1),
    };
    found.map(|c| c.id.as_str()).ok_or_else(|| Error::Absent(absent()))
}

/// The id of the newest container of that name, if it runs.
///
/// # Errors
/// If none was created yet, or it does not run.
pub fn running<'a>(containers: &'a [Container], pod: &Pod, name: &str) -> Result<&'a str, Error> {
    match attempts(containers, pod, name).last() {
        Some(Container { id, state: State::Running { .. }, .. }) => Ok(id),
        Some(_) => Err(Error::Absent(format!("container \"{name}\" in pod \"{}\" is not running", pod.name()))),
        None => newest(containers, pod, name),
    }
}

/// The containers of that name, oldest first.
fn attempts<'a>(containers: &'a [Container], pod: &Pod, name: &str) -> Vec<&'a Container> {
    let is = |c: &Container, label, value: &str| c.labels.get(label).is_some_and(|v| v == value);
    let mine = containers.iter().filter(|c| is(c, container::UID, pod.uid()) && is(c, container::CONTAINER, name));
    let mut mine: Vec<_> = mine.collect();
    mine.sort_by_key(|c| (c.labels.get(container::ATTEMPT).and_then(|a| a.parse::<u32>().ok()), c.created));
    mine
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::api::Timestamp;

    fn pod(annotations: &serde_json::Value) -> Pod {
        let metadata = json!({"name": "web-1", "namespace": "shop", "uid": "u1", "annotations": annotations});
        let spec = json!({"initContainers": [{"name": "init"}], "containers": [{"name": "a"}, {"name": "b"}]});
        serde_json::from_value(json!({"metadata": metadata, "spec": spec})).unwrap()
    }

    fn named(annotations: &serde_json::Value, wanted: Option<&str>) -> String {
        name(&pod(annotations), wanted).map_or_else(|e| e.to_string(), str::to_owned)
    }

    #[test]
    fn names() {
        let none = json!({});
        assert_eq!(named(&none, Some("b")), "b");
        assert_eq!(named(&none, Some("init")), "init");
        assert_eq!(named(&json!({DEFAULT_CONTAINER: "b"}), None), "b");
        assert_eq!(named(&none, Some("c")), "container c is not valid for pod web-1");
        assert_eq!(
            named(&none, None),
            "a container name must be specified for pod web-1, choose one of: [a b] or one of the init containers: [init]"
        );
    }

    fn container(uid: &str, attempt: u32, runs: bool) -> Container {
        let attempt_label = attempt.to_string();
        let labels = [(container::UID, uid), (container::CONTAINER, "a"), (container::ATTEMPT, &attempt_label)];
        let (started, finished) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        let exited = State::Exited { started: None, finished, code: 1, oom: false, error: String::new() };
        Container {
            id: format!("{uid}-{attempt}"),
            name: String::new(),
            labels: BTreeMap::from(labels.map(|(k, v)| (k.to_owned(), v.to_owned()))),
            image: String::new(),
            image_id: String::new(),
            state: if runs { State::Running { started } } else { exited },
            created: started,
            address: None,
        }
    }

    #[test]
    fn attempts_by_number() {
        let pod = pod(&json!({}));
        let text = |found: Result<&str, Error>| found.map_or_else(|e| e.to_string(), str::to_owned);
        let all = |c: &[Container]| [newest, previous, running].map(|find| text(find(c, &pod, "a"))).join("\n");
        let several = [
            container("u1", 10, true),
            container("u1", 9, false),
            container("u1", 2, false),
            container("u2", 11, true),
        ];
        assert_eq!(all(&several), "u1-10\nu1-9\nu1-10");
        insta::assert_snapshot!(all(&several[1..2]), @r#"
        u1-9
        previous terminated container "a" in pod "web-1" not found
        container "a" in pod "web-1" is not running
        "#);
        let mut looping = pod.clone();
        let waits = json!({"name": "a", "image": "", "imageID": "", "ready": false, "restartCount": 9,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}}});
        looping.status = serde_json::from_value(json!({"containerStatuses": [waits]})).unwrap();
        assert_eq!(text(previous(&several[1..2], &looping, "a")), "u1-9", "it is to be replaced");
        insta::assert_snapshot!(all(&several[3..]), @r#"
        container "a" in pod "web-1" is waiting to start: ContainerCreating
        previous terminated container "a" in pod "web-1" not found
        container "a" in pod "web-1" is waiting to start: ContainerCreating
        "#);
    }
}
