//! The whole kubelet between a real API in memory and a scripted engine.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::fake::Fake;
use super::super::fixture::merge;
use super::*;
use crate::api::Ranges;
use crate::api::names::VOLUME_FINALIZER;
use crate::apiserver::{self, Rest};
use crate::client::{DeleteOptions, ListOptions, Patch};
use crate::kubelet::runtime::PullProgress;
use crate::store::Store;

struct Bench {
    client: Client,
    engine: Arc<Fake>,
    config: Config,
}

impl Bench {
    fn new(name: &str) -> Self {
        let ranges = Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap();
        let settings = apiserver::Config { node: "wharf".to_owned(), ranges };
        let client = Client::Local(Rest::new(Store::in_memory().unwrap(), settings).unwrap());
        let state_root = std::env::temp_dir().join(format!("wharf-run-{name}-{}", std::process::id()));
        let config =
            Config { node: "wharf".to_owned(), image: "wharf:dev".to_owned(), ranges, state_root, sysctls: Vec::new() };
        Self { client, engine: Arc::new(Fake::with_images(["nginx:1"])), config }
    }

    async fn kubelet(&self) -> Kubelet {
        let informer = Informer::start(&self.client, &Kubelet::kinds()).await.unwrap();
        Kubelet::start(self.client.clone(), informer, self.engine.clone(), self.config.clone(), Vec::new())
    }

    async fn create<T: Object>(&self, object: Value) {
        self.client.create(Kind::of::<T>(), &object).await.unwrap();
    }

    async fn web(&self) -> Value {
        self.client.get(&web()).await.unwrap_or_default()
    }

    /// Waits until it is so, eight seconds at most: less than the first back-off.
    async fn eventually(&self, what: &str, so: impl Fn(&Value, &str) -> bool) {
        for _ in 0..400 {
            if so(&self.web().await, &self.engine.list()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("never {what}:\n{}\n{:#}", self.engine.list(), self.web().await["status"]);
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.config.state_root);
    }
}

fn web() -> Key {
    Key::new(Kind::of::<Pod>(), "default", "web")
}

fn pod(spec: Value) -> Value {
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "default"},
        "spec": {"nodeName": "wharf", "containers": [{"name": "app", "image": "nginx:1"}]},
    });
    merge(&mut pod["spec"], spec);
    pod
}

fn is_ready(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array();
    conditions.into_iter().flatten().any(|c| c["type"] == "Ready" && c["status"] == "True")
}

#[tokio::test]
async fn a_pod_lives_through_an_agents_restart_and_its_containers_death() {
    let node = Bench::new("life");
    let kubelet = node.kubelet().await;
    node.create::<Pod>(pod(json!({}))).await;
    node.eventually("ready", |pod, _| is_ready(pod)).await;
    let (before, status) = (node.engine.find("wharf.default.web.app"), node.web().await["status"].clone());
    assert!(status["podIP"].as_str().unwrap().starts_with("10.201."), "{status}");

    drop(kubelet);
    let _kubelet = node.kubelet().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(node.engine.find("wharf.default.web.app"), before, "what is right is left alone");
    assert_eq!(node.web().await["status"], status);

    node.engine.crash("wharf.default.web.app", 1);
    node.eventually("restarted", |pod, _| pod["status"]["containerStatuses"][0]["restartCount"] == 1 && is_ready(pod))
        .await;
    node.engine.remove(&node.engine.find("wharf.default.web").id).await.unwrap();
    node.eventually("in a new sandbox", |pod, _| {
        pod["status"]["containerStatuses"][0]["restartCount"] == 2 && is_ready(pod)
    })
    .await;

    node.client.delete(&web(), &DeleteOptions::default()).await.unwrap();
    node.eventually("gone", |pod, engine| pod.is_null() && engine.is_empty()).await;
}

#[tokio::test]
async fn what_is_missing_holds_the_pod_up_until_it_comes() {
    let node = Bench::new("config");
    let _kubelet = node.kubelet().await;
    let from = json!([{"secretRef": {"name": "token"}}]);
    let containers = json!([{"name": "app", "image": "nginx:1", "envFrom": from}]);
    let volumes = json!([{"name": "c", "configMap": {"name": "settings"}}]);
    node.create::<Pod>(pod(json!({"containers": containers, "volumes": volumes}))).await;
    let mut events = Vec::new();
    for _ in 0..100 {
        events = node
            .client
            .list(Kind::of::<k8s_openapi::api::core::v1::Event>(), &ListOptions::default())
            .await
            .unwrap()
            .items;
        if !events.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(events[0]["reason"], "FailedMount", "{events:?}");
    assert_eq!(node.web().await["status"]["phase"], "Pending");
    let settings = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "default"}, "data": {"a": "1"}});
    node.create::<ConfigMap>(settings).await;
    node.eventually("without its secret", |pod, _| {
        pod["status"]["containerStatuses"][0]["state"]["waiting"]["message"] == "secret \"token\" not found"
    })
    .await;
    let token = json!({"apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "token", "namespace": "default"}, "data": {"TOKEN": "MQ=="}});
    node.create::<Secret>(token).await;
    node.eventually("ready", |pod, _| is_ready(pod)).await;
}

#[tokio::test]
async fn a_job_like_pod_succeeds_and_a_deletion_interrupts_a_back_off() {
    let node = Bench::new("job");
    let _kubelet = node.kubelet().await;
    node.engine.exits("app", &[1, 0]);
    node.create::<Pod>(pod(json!({"restartPolicy": "OnFailure"}))).await;
    node.eventually("succeeded", |pod, engine| {
        pod["status"]["phase"] == "Succeeded" && engine.contains("wharf.default.web exited")
    })
    .await;
    node.client.delete(&web(), &DeleteOptions::default()).await.unwrap();
    node.eventually("gone", |pod, engine| pod.is_null() && engine.is_empty()).await;

    node.engine.exits("app", &[1, 1, 1]);
    node.create::<Pod>(pod(json!({}))).await;
    node.eventually("backing off", |pod, _| {
        pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    })
    .await;
    node.client.delete(&web(), &DeleteOptions::default()).await.unwrap();
    node.eventually("gone", |pod, engine| pod.is_null() && engine.is_empty()).await;
}

#[tokio::test]
async fn a_changed_image_replaces_the_container_and_nothing_else() {
    let node = Bench::new("image");
    node.engine.publish("nginx:2");
    let _kubelet = node.kubelet().await;
    node.create::<Pod>(pod(json!({}))).await;
    node.eventually("ready", |pod, _| is_ready(pod)).await;
    let sandbox = node.engine.find("wharf.default.web");
    let change = json!([{"op": "replace", "path": "/spec/containers/0/image", "value": "nginx:2"}]);
    node.client.patch(&web(), "", Patch::Json(change)).await.unwrap();
    node.eventually("the new image", |pod, _| {
        pod["status"]["containerStatuses"][0]["image"] == "nginx:2" && is_ready(pod)
    })
    .await;
    assert_eq!(node.engine.find("wharf.default.web"), sandbox);
}

#[tokio::test]
async fn a_pods_status_tells_how_far_a_pull_is() {
    let node = Bench::new("pull");
    node.engine.publish_slowly("nginx:2", PullProgress { done: 1_250_000, total: 4_500_000 });
    let _kubelet = node.kubelet().await;
    let containers = json!([{"name": "app", "image": "nginx:2"}, {"name": "side", "image": "nginx:1"}]);
    node.create::<Pod>(pod(json!({"containers": containers}))).await;
    node.eventually("pulling", |pod, _| {
        let app = &pod["status"]["containerStatuses"][0]["state"]["waiting"];
        let side = &pod["status"]["containerStatuses"][1];
        app["reason"] == "ContainerCreating"
            && app["message"] == "pulling nginx:2: 1.2 of 4.5 MB"
            && side["state"]["running"].is_object()
    })
    .await;
    node.engine.publish("nginx:2");
    node.eventually("ready", |pod, _| is_ready(pod)).await;
}

#[tokio::test]
async fn a_deleted_volume_goes_when_its_docker_volume_has_gone() {
    let node = Bench::new("reclaim");
    let spec = |name: &str| crate::kubelet::runtime::VolumeSpec { name: name.to_owned(), ..Default::default() };
    for name in ["box-gone", "box-kept"] {
        node.engine.create_volume(&spec(name)).await.unwrap();
    }
    let _kubelet = node.kubelet().await;
    for (name, policy) in [("gone", "Delete"), ("kept", "Retain")] {
        let csi = json!({"driver": volumes::DOCKER_VOLUME_DRIVER, "volumeHandle": format!("box-{name}")});
        let spec = json!({"csi": csi, "persistentVolumeReclaimPolicy": policy, "accessModes": ["ReadWriteOnce"],
            "capacity": {"storage": "1Gi"}});
        let metadata = json!({"name": name, "finalizers": [VOLUME_FINALIZER]});
        node.create::<PersistentVolume>(json!({"metadata": metadata, "spec": spec})).await;
        let key = Key::new(Kind::of::<PersistentVolume>(), "", name);
        node.client.delete(&key, &DeleteOptions::default()).await.unwrap();
    }
    for _ in 0..400 {
        if node.client.list(Kind::of::<PersistentVolume>(), &ListOptions::default()).await.unwrap().items.is_empty() {
            assert_eq!(node.engine.volumes().await.unwrap(), ["box-kept"]);
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("they never go");
}

#[tokio::test]
async fn the_right_secret_ends_the_back_off_of_a_pull() {
    let node = Bench::new("login");
    let _kubelet = node.kubelet().await;
    node.engine.publish_for("ann", "r.io/team/app:1");
    let login = |user: &str, revision: &str| {
        let auths = json!({"auths": {"r.io/team": {"username": user, "password": "secret"}}}).to_string();
        let data = json!({".dockerconfigjson": k8s_openapi::ByteString(auths.into_bytes())});
        let metadata = json!({"name": "login", "namespace": "default", "labels": {"revision": revision}});
        let kind = "kubernetes.io/dockerconfigjson";
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": kind, "data": data})
    };
    node.create::<Secret>(login("bob", "1")).await;
    let containers = json!([{"name": "app", "image": "r.io/team/app:1"}]);
    let secrets = json!([{"name": "login"}, {"name": "other"}]);
    node.create::<Pod>(pod(json!({"containers": containers, "imagePullSecrets": secrets}))).await;
    let waiting = |pod: &Value| pod["status"]["containerStatuses"][0]["state"]["waiting"].clone();
    node.eventually("refused", |pod, _| waiting(pod)["reason"] == "ErrImagePull").await;
    let message = "failed to pull image \"r.io/team/app:1\": unauthorized: authentication required";
    assert_eq!(waiting(&node.web().await)["message"], message);

    let change = Patch::Merge(login("ann", "2"));
    node.client.patch(&Key::new(Kind::of::<Secret>(), "default", "login"), "", change).await.unwrap();
    node.eventually("ready", |pod, _| is_ready(pod)).await;
    assert_eq!(node.engine.pulls(), ["r.io/team/app:1 by bob", "r.io/team/app:1 by ann"]);
    let events =
        node.client.list(Kind::of::<k8s_openapi::api::core::v1::Event>(), &ListOptions::default()).await.unwrap();
    let told = |text: &str| events.items.iter().any(|e| e["message"].as_str().unwrap_or_default().contains(text));
    assert!(told("Unable to retrieve some image pull secrets (other);"));
    assert!(events.items.iter().all(|e| !e.to_string().contains("secret\"")), "no event holds a password");
}

#[tokio::test]
async fn an_image_that_is_made_on_the_host_ends_the_back_off_of_its_pull() {
    let node = Bench::new("build");
    let _kubelet = node.kubelet().await;
    node.create::<Pod>(pod(json!({"containers": [{"name": "app", "image": "shop/app:2"}]}))).await;
    let reason = |pod: &Value| pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"].clone();
    node.eventually("not found", |pod, _| reason(pod) == "ErrImagePull").await;
    node.engine.build("shop/app:2");
    node.eventually("ready", |pod, _| is_ready(pod)).await;
}

#[tokio::test]
async fn what_is_secret_goes_to_the_sandbox_alone_and_follows_its_object() {
    let node = Bench::new("secret");
    let secret = |word: &str| {
        json!({"apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "key", "namespace": "default"}, "stringData": {"word": word}})
    };
    node.create::<Secret>(secret("ahoy")).await;
    let _kubelet = node.kubelet().await;
    let volumes = json!([{"name": "key", "secret": {"secretName": "key"}}]);
    let mounts = json!([{"name": "key", "mountPath": "/key"}]);
    let containers = json!([{"name": "app", "image": "nginx:1", "volumeMounts": mounts}]);
    node.create::<Pod>(pod(json!({"containers": containers, "volumes": volumes}))).await;
    node.eventually("ready", |pod, _| is_ready(pod)).await;
    let told = |orders: Vec<volumes::Orders>| {
        let files = orders.into_iter().flatten().filter_map(|(_, order)| order.files);
        files.map(|files| String::from_utf8_lossy(&files["word"].bytes).into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(told(node.engine.orders()), ["ahoy"], "once, before the container started");
    node.client.update(Kind::of::<Secret>(), "", &secret("aye")).await.unwrap();
    for _ in 0..400 {
        if told(node.engine.orders()) == ["aye"] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the files never follow");
}

#[tokio::test]
async fn an_image_is_a_volume_when_it_is_there() {
    let node = Bench::new("tools");
    node.engine.publish("tools:1");
    let _kubelet = node.kubelet().await;
    let volumes = json!([{"name": "tools", "image": {"reference": "tools:1"}}]);
    let mounts = json!([{"name": "tools", "mountPath": "/tools"}]);
    let containers = json!([{"name": "app", "image": "nginx:1", "volumeMounts": mounts}]);
    node.create::<Pod>(pod(json!({"containers": containers, "volumes": volumes}))).await;
    node.eventually("ready", |pod, _| is_ready(pod)).await;
    assert_eq!(node.engine.volumes().await.unwrap(), ["wharf.image.tools:1"]);
    let mount = &node.engine.spec("wharf.default.web.app").mounts[0];
    let source = crate::kubelet::runtime::Source::Volume("wharf.image.tools:1".to_owned());
    assert_eq!((&mount.source, mount.read_only), (&source, true));
    node.client.delete(&web(), &DeleteOptions::default()).await.unwrap();
    node.eventually("gone", |pod, engine| pod.is_null() && engine.is_empty()).await;

    let volumes = json!([{"name": "tools", "image": {"reference": "no:1", "pullPolicy": "Never"}}]);
    node.create::<Pod>(pod(json!({"volumes": volumes}))).await;
    node.eventually("waiting", |pod, _| {
        pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "ErrImageNeverPull"
    })
    .await;
}
