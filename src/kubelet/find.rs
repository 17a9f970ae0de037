//! Which Docker container is meant by a pod and the name of one of its containers.

use k8s_openapi::api::core::v1::Pod;

use super::observe::{Observed, Pods};
use super::observer::Observer;
use super::policy::{self, last_status};
use super::runtime::{self, Container, State};
use crate::api::Object;

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
    /// The engine does not tell what it has.
    #[error("{0}")]
    Unknown(String),
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
    let init: Vec<_> = policy::init_containers(pod).iter().map(|c| c.name.as_str()).collect();
    let added = policy::ephemeral_containers(pod).iter().map(|c| c.name.as_str());
    let apps: Vec<_> = spec.iter().flat_map(|s| &s.containers).map(|c| c.name.as_str()).collect();
    let wanted = wanted.filter(|w| !w.is_empty()).or_else(|| pod.annotation(DEFAULT_CONTAINER));
    if let Some(wanted) = wanted {
        let found = apps.iter().chain(&init).copied().chain(added).find(|name| *name == wanted);
        let error = || Error::Request(format!("container {wanted} is not valid for pod {}", pod.name()));
        return found.ok_or_else(error);
    }
    if let [only] = apps[..] {
        return Ok(only);
    }
    let (pod, apps, init) = (pod.name(), apps.join(" "), init.join(" "));
    let init = if init.is_empty() { init } else { format!(" or one of the init containers: [{init}]") };
    let text = format!("a container name must be specified for pod {pod}, choose one of: [{apps}]{init}");
    Err(Error::Request(text))
}

/// Which life of a container is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// The newest.
    Newest,
    /// The one that the newest replaced, or is to be replaced itself: the one that ended last, while the pod's status
    /// says that another life of it runs or waits.
    Previous,
    /// The newest, if it runs.
    Running,
}

/// The id of a container of a pod. Where what the engine had when it was asked last does not tell, it is asked anew.
///
/// # Errors
/// If there is none.
pub async fn id(observer: &Observer, pod: &Pod, name: &str, life: Life) -> Result<String, Error> {
    match among(&observer.known(), pod, name, life) {
        Err(Error::Absent(_)) => {}
        known => return known,
    }
    let now = observer.now().await.map_err(|error| Error::Unknown(error.to_string()))?;
    among(&now, pod, name, life)
}

fn among(pods: &Pods, pod: &Pod, name: &str, life: Life) -> Result<String, Error> {
    let none = Observed::default();
    let observed = pods.get(pod.uid()).unwrap_or(&none);
    let all = observed.containers.get(name).map_or(&[][..], Vec::as_slice);
    let found = match life {
        Life::Newest => newest(all, pod, name),
        Life::Previous => previous(all, pod, name),
        Life::Running => running(all, pod, name),
    };
    found.map(|c| c.id.clone())
}

fn newest<'a>(all: &'a [Container], pod: &Pod, name: &str) -> Result<&'a Container, Error> {
    let waiting = || format!("container \"{name}\" in pod \"{}\" is waiting to start: ContainerCreating", pod.name());
    all.first().ok_or_else(|| Error::Absent(waiting()))
}

fn previous<'a>(all: &'a [Container], pod: &Pod, name: &str) -> Result<&'a Container, Error> {
    let absent = || format!("previous terminated container \"{name}\" in pod \"{}\" not found", pod.name());
    let state = last_status(pod, name).and_then(|s| s.state.as_ref());
    let waits = state.is_some_and(|s| s.waiting.is_some());
    let found = match all.first() {
        Some(container) if waits && matches!(container.state, State::Exited { .. }) => Some(container),
        _ => all.get(1),
    };
    found.ok_or_else(|| Error::Absent(absent()))
}

fn running<'a>(all: &'a [Container], pod: &Pod, name: &str) -> Result<&'a Container, Error> {
    let newest = newest(all, pod, name)?;
    let dead = || format!("container \"{name}\" in pod \"{}\" is not running", pod.name());
    newest.running_since().map(|_| newest).ok_or_else(|| Error::Absent(dead()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use serde_json::json;

    use super::super::fake::Fake;
    use super::super::observe::by_pod;
    use super::super::runtime::{ContainerSpec, Runtime};
    use super::*;
    use crate::api::Timestamp;
    use crate::api::names::container as label;

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
        let labels = [(label::UID, uid), (label::CONTAINER, "a"), (label::ATTEMPT, &attempt_label)];
        let (started, finished) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        let exited = State::Exited { started: Some(started), finished, code: 1, oom: false, error: String::new() };
        Container {
            id: format!("{uid}-{attempt}"),
            name: String::new(),
            labels: BTreeMap::from(labels.map(|(k, v)| (k.to_owned(), v.to_owned()))),
            image: String::new(),
            image_id: String::new(),
            state: if runs { State::Running { started } } else { exited },
            created: started,
            limits: runtime::Limits::default(),
            address: None,
        }
    }

    fn text(containers: &[Container], pod: &Pod, life: Life) -> String {
        among(&by_pod(containers.to_vec()), pod, "a", life).unwrap_or_else(|e| e.to_string())
    }

    #[test]
    fn attempts_by_number() {
        let pod = pod(&json!({}));
        let all =
            |c: &[Container]| [Life::Newest, Life::Previous, Life::Running].map(|life| text(c, &pod, life)).join("\n");
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
        assert_eq!(text(&several[1..2], &looping, Life::Previous), "u1-9", "it is to be replaced");
        insta::assert_snapshot!(all(&several[3..]), @r#"
        container "a" in pod "web-1" is waiting to start: ContainerCreating
        previous terminated container "a" in pod "web-1" not found
        container "a" in pod "web-1" is waiting to start: ContainerCreating
        "#);
    }

    #[tokio::test]
    async fn the_engine_is_asked_only_where_what_is_known_does_not_tell() {
        let engine = Arc::new(Fake::default());
        let observer = Observer::start(engine.clone());
        let pod = pod(&json!({}));
        let labels = [(label::UID, "u1"), (label::CONTAINER, "a")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let spec = ContainerSpec { labels: labels.into(), ..ContainerSpec::default() };
        assert!(id(&observer, &pod, "a", Life::Newest).await.is_err());
        let made = engine.create(&spec).await.unwrap();
        assert_eq!(id(&observer, &pod, "a", Life::Newest).await.unwrap(), made, "it asked anew");
        engine.remove(&made).await.unwrap();
        assert_eq!(id(&observer, &pod, "a", Life::Newest).await.unwrap(), made, "it did not");
        assert!(id(&observer, &pod, "a", Life::Running).await.is_err());
        assert!(id(&observer, &pod, "a", Life::Newest).await.is_err());
    }
}
