//! Controllers and scheduler on a real API, without a kubelet: what users create has the effects that they expect.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use wharf::api::{KINDS, Key, Kind, Ranges};
use wharf::apiserver::{Config, Rest};
use wharf::client::{Client, DeleteOptions, Error, Informer, ListOptions};
use wharf::store::Store;
use wharf::{controllers, scheduler};

/// A node's API with everything running that needs no engine.
struct Cluster {
    client: Client,
    _running: JoinSet<()>,
}

impl Cluster {
    async fn start() -> Self {
        let ranges = Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap();
        let config = Config { node: "wharf".into(), ranges };
        let client = Client::Local(Rest::new(Store::in_memory().unwrap(), config).unwrap());
        let kinds: Vec<&'static Kind> = KINDS.iter().collect();
        let informer = Informer::start(&client, &kinds).await.unwrap();
        let mut running = controllers::run(&client, &informer);
        running.spawn(scheduler::run(client.clone(), informer));
        let cluster = Self { client, _running: running };
        let node = json!({"metadata": {"name": "wharf"}});
        if let Err(error) = cluster.client.create(kind("nodes"), &node).await {
            assert!(error.is("AlreadyExists"), "{error}");
        }
        let mut node = cluster.client.get(&Key::new(kind("nodes"), "", "wharf")).await.unwrap();
        node["status"] = json!({"allocatable": {"cpu": "2", "memory": "1Gi", "pods": "100"}});
        cluster.client.update(kind("nodes"), "status", &node).await.unwrap();
        cluster
    }

    async fn list(&self, word: &str) -> Vec<Value> {
        self.client.list(kind(word), &ListOptions::default()).await.unwrap().items
    }

    /// Waits until nothing is written any more.
    async fn settled(&self) {
        let mut last = 0;
        for _ in 0..30 {
            let now = self.client.list(kind("pods"), &ListOptions::default()).await.unwrap().revision;
            if now == last {
                return;
            }
            last = now;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        panic!("something is written again and again");
    }

    /// Waits until what `probe` reads of a kind's objects is as wanted.
    async fn eventually<T: PartialEq + std::fmt::Debug>(&self, word: &str, probe: impl Fn(&[Value]) -> T, wanted: T) {
        let mut seen = Vec::new();
        for _ in 0..250 {
            seen = self.list(word).await;
            if probe(&seen) == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{word} are {:?}, not {wanted:?}: {seen:#?}", probe(&seen));
    }
}

fn kind(word: &str) -> &'static Kind {
    Kind::by_word(word).unwrap()
}

fn deployment(replicas: i32) -> Value {
    json!({
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "nginx"}]},
            },
        },
    })
}

fn bound(pods: &[Value]) -> usize {
    pods.iter().filter(|p| p["spec"]["nodeName"] == "wharf").count()
}

#[tokio::test]
async fn a_deployment_becomes_bound_pods_and_takes_them_with_it() -> Result<(), Error> {
    let cluster = Cluster::start().await;
    cluster.client.create(kind("deployments"), &deployment(3)).await?;
    cluster.eventually("pods", bound, 3).await;
    let observed = |d: &[Value]| d[0]["status"]["observedGeneration"] == d[0]["metadata"]["generation"];
    cluster.eventually("deployments", observed, true).await;
    assert_eq!(cluster.list("replicasets").await.len(), 1);

    cluster.settled().await;

    let key = Key::new(kind("deployments"), "default", "web");
    cluster.client.delete(&key, &DeleteOptions::default()).await?;
    let staying = |pods: &[Value]| pods.iter().filter(|p| p["metadata"]["deletionTimestamp"].is_null()).count();
    cluster.eventually("replicasets", <[Value]>::len, 0).await;
    cluster.eventually("pods", staying, 0).await;
    Ok(())
}

#[tokio::test]
async fn a_pod_that_does_not_fit_is_bound_once_there_is_room() -> Result<(), Error> {
    let cluster = Cluster::start().await;
    let pod = json!({
        "metadata": {"name": "big", "namespace": "default"},
        "spec": {"containers": [{"name": "c", "image": "nginx", "resources": {"requests": {"memory": "2Gi"}}}]},
    });
    cluster.client.create(kind("pods"), &pod).await?;
    let message = "0/1 nodes are available: 1 Insufficient memory.";
    let told = |events: &[Value]| {
        events.iter().filter(|e| e["reason"] == "FailedScheduling").map(|e| e["message"].clone()).collect::<Vec<_>>()
    };
    cluster.eventually("events", told, vec![json!(message)]).await;
    let mut node = cluster.client.get(&Key::new(kind("nodes"), "", "wharf")).await?;
    node["status"]["allocatable"]["memory"] = json!("4Gi");
    cluster.client.update(kind("nodes"), "status", &node).await?;
    cluster.eventually("pods", bound, 1).await;
    Ok(())
}

#[tokio::test]
async fn a_claim_is_bound_and_its_volume_goes_with_it() -> Result<(), Error> {
    let cluster = Cluster::start().await;
    let class = json!({"metadata": {"name": "standard"}, "provisioner": "wharf.dev/docker-volume"});
    cluster.client.create(kind("storageclasses"), &class).await?;
    let claim = json!({
        "metadata": {"name": "data", "namespace": "default"},
        "spec": {"storageClassName": "standard", "accessModes": ["ReadWriteOnce"],
                 "resources": {"requests": {"storage": "1Gi"}}},
    });
    cluster.client.create(kind("pvc"), &claim).await?;
    let phases = |objects: &[Value]| objects.iter().map(|o| o["status"]["phase"].clone()).collect::<Vec<_>>();
    cluster.eventually("pvc", phases, vec![json!("Bound")]).await;
    cluster.eventually("pv", phases, vec![json!("Bound")]).await;
    let key = Key::new(kind("pvc"), "default", "data");
    cluster.client.delete(&key, &DeleteOptions::default()).await?;
    cluster.eventually("pvc", <[Value]>::len, 0).await;
    cluster.eventually("pv", <[Value]>::len, 0).await;
    Ok(())
}

#[tokio::test]
async fn a_service_has_a_slice_and_a_namespace_takes_all_with_it() -> Result<(), Error> {
    let cluster = Cluster::start().await;
    cluster.client.create(kind("namespaces"), &json!({"metadata": {"name": "shop"}})).await?;
    let here = |objects: &[Value]| objects.iter().filter(|o| o["metadata"]["namespace"] == "shop").count();
    cluster.eventually("serviceaccounts", here, 1).await;
    let service = json!({
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
    });
    cluster.client.create(kind("services"), &service).await?;
    cluster.eventually("endpointslices", here, 1).await;
    cluster.eventually("endpoints", here, 1).await;
    cluster.client.delete(&Key::new(kind("namespaces"), "", "shop"), &DeleteOptions::default()).await?;
    let gone = |objects: &[Value]| !objects.iter().any(|o| o["metadata"]["name"] == "shop");
    cluster.eventually("namespaces", gone, true).await;
    for word in ["services", "endpoints", "endpointslices", "serviceaccounts"] {
        cluster.eventually(word, here, 0).await;
    }
    Ok(())
}
