//! The executor against a scripted engine: a round is decided and carried out until there is nothing to do.

use std::sync::{Arc, Mutex};

use insta::assert_snapshot;
use jiff::SignedDuration;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::json;

use super::super::backoff::Memory;
use super::super::fake::Fake;
use super::super::fixture::pod;
use super::super::hands::{Api, Config, Hands};
use super::super::machine::Machine;
use super::super::observe::by_pod;
use super::super::plan::{Healths, Round, compute_pod_actions};
use super::super::runtime::{Network, Runtime};
use super::super::worker::learn;
use super::*;
use crate::api::{Plan, Ranges};

/// A kubelet without its loop.
struct Bench {
    engine: Arc<Fake>,
    hands: Hands,
    told: Arc<Mutex<Vec<String>>>,
    pod: Pod,
    memory: Memory,
    /// Is added to the clock.
    later: SignedDuration,
}

impl Bench {
    fn new(name: &str) -> Self {
        let engine = Arc::new(Fake::with_images(["nginx:1", "busybox:1"]));
        let told = Arc::new(Mutex::new(Vec::new()));
        let state_root = std::env::temp_dir().join(format!("wharf-sync-{name}-{}", std::process::id()));
        let ranges = Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap();
        let config =
            Config { node: "wharf".to_owned(), image: "wharf:dev".to_owned(), ranges, state_root, sysctls: Vec::new() };
        let record = told.clone();
        let tell = Arc::new(move |plan: Plan| {
            record.lock().unwrap().extend(plan.steps.iter().map(|s| s.action.to_string()));
            Box::pin(std::future::ready(0_u64)) as super::super::runtime::Later<'static, u64>
        });
        let ask = Arc::new(|_| {
            let none = Err("there are no tokens here".to_owned());
            Box::pin(std::future::ready(none)) as super::super::runtime::Later<'static, _>
        });
        let hands = Hands::new(engine.clone(), config, Machine::default(), Api { tell, ask });
        Self { engine, hands, told, pod: pod(), memory: Memory::default(), later: SignedDuration::ZERO }
    }

    /// Rounds until there is nothing to do, or the pod is to be let go; returns the last decision.
    async fn settle(&mut self) -> PodActions {
        let (_sender, urgency) = watch::channel(Some(None));
        for _ in 0..20 {
            let pods = by_pod(self.engine.containers().await.unwrap());
            let observed = pods.get("u1").cloned().unwrap_or_default();
            let now = Timestamp::now() + self.later;
            let health = Healths::new();
            let (pod, observed) = (&self.pod, &observed);
            let memory = &self.memory;
            let actions = compute_pod_actions(Round { pod, observed, health: &health, memory, hold: None, now });
            if actions.is_idle() || actions.finish.is_some() {
                return actions;
            }
            let volumes: Result<&[PodVolume], &Fault> = Ok(&[]);
            let (seen, view) = (BTreeSet::new(), View::of([pod.clone()]));
            let (hands, seen, view) = (&self.hands, &seen, &view);
            let work = Work { hands, pod, observed, seen, view, volumes, urgency: &urgency };
            let started = execute(work, &actions).await.unwrap();
            learn(&self.hands, &self.pod, &mut self.memory, started).await;
        }
        panic!("it never settles:\n{}", self.engine.list());
    }

    /// What the API was told since the last time.
    fn told(&self) -> String {
        let mut told = std::mem::take(&mut *self.told.lock().unwrap());
        told.sort();
        told.join("\n")
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.hands.config.state_root);
    }
}

#[tokio::test]
async fn a_pod_comes_up_and_stays() {
    let mut bench = Bench::new("up");
    bench.settle().await;
    assert_snapshot!(bench.engine.list(), @r"
    wharf.shop.web running
    wharf.shop.web.app running
    wharf.shop.web.side running
    ");
    assert_snapshot!(bench.told(), @r#"
    event Pod shop/web Created: Container created: app
    event Pod shop/web Created: Container created: side
    event Pod shop/web Pulled: Container image "busybox:1" already present on machine
    event Pod shop/web Pulled: Container image "nginx:1" already present on machine
    event Pod shop/web Started: Container started: app
    event Pod shop/web Started: Container started: side
    "#);
    let sandbox = bench.engine.find("wharf.shop.web");
    assert_eq!(bench.engine.spec("wharf.shop.web.app").network, Network::Of(sandbox.id));
    bench.settle().await;
    assert_eq!(bench.told(), "");
}

#[tokio::test]
async fn what_dies_comes_back() {
    let mut bench = Bench::new("dies");
    bench.settle().await;
    let sandbox = bench.engine.find("wharf.shop.web").id;
    bench.engine.crash("wharf.shop.web.app", 1);
    bench.engine.remove(&bench.engine.find("wharf.shop.web.side").id).await.unwrap();
    bench.settle().await;
    assert_eq!(bench.engine.find("wharf.shop.web").id, sandbox, "the sandbox is the same");
    bench.engine.crash("wharf.shop.web", 137);
    bench.settle().await;
    assert_ne!(bench.engine.find("wharf.shop.web").id, sandbox);
    assert_snapshot!(bench.engine.list(), @r"
    wharf.shop.web running
    wharf.shop.web.app.1 exited 143
    wharf.shop.web.app.2 running
    wharf.shop.web.side exited 143
    wharf.shop.web.side.1 running
    ");
}

#[tokio::test]
async fn crashes_end_in_a_back_off() {
    let mut bench = Bench::new("crashes");
    bench.engine.exits("app", &[1, 2, 3, 4]);
    let waits = bench.settle().await;
    assert_eq!(waits.waiting["app"].reason, "CrashLoopBackOff");
    assert_snapshot!(bench.engine.list(), @r"
    wharf.shop.web running
    wharf.shop.web.app.1 exited 2
    wharf.shop.web.side running
    ");
    bench.later = SignedDuration::from_secs(11);
    let waits = bench.settle().await;
    assert!(waits.waiting["app"].message.starts_with("back-off 20s "), "{waits}");
}

#[tokio::test]
async fn an_image_that_is_nowhere_holds_up_its_container_alone() {
    let mut bench = Bench::new("image");
    bench.pod.spec.as_mut().unwrap().containers[0].image = Some("shop/app:2".to_owned());
    let waits = bench.settle().await;
    assert_eq!(waits.waiting["app"].reason, "ErrImagePull");
    assert!(bench.engine.list().contains("wharf.shop.web.side running"));
    let told = bench.told();
    let about_image: Vec<_> = told.lines().filter(|l| l.contains("shop/app") || l.contains("Error")).collect();
    assert_snapshot!(about_image.join("\n"), @r#"
    event Pod shop/web Pulling: Pulling image "shop/app:2"
    warn Pod shop/web Failed: Error: ErrImagePull: failed to pull image "shop/app:2": manifest for shop/app:2 not found
    warn Pod shop/web Failed: Failed to pull image "shop/app:2": manifest for shop/app:2 not found
    "#);
    bench.engine.publish("shop/app:2");
    bench.later = SignedDuration::from_secs(11);
    bench.settle().await;
    assert!(bench.engine.list().contains("wharf.shop.web.app running"));
}

#[tokio::test]
async fn a_start_that_the_engine_refuses_leaves_nothing_behind() {
    let mut bench = Bench::new("refused");
    bench.engine.refuse("POD", "port is already allocated");
    bench.settle().await;
    assert_eq!(bench.engine.list(), "");
    assert_snapshot!(bench.told(), @"warn Pod shop/web FailedCreatePodSandBox: port is already allocated");
    bench.engine.refuse("POD", "");
    bench.engine.refuse("app", "exec: \"serve\": executable file not found in $PATH");
    bench.later = SignedDuration::from_secs(11);
    let waits = bench.settle().await;
    assert_eq!(waits.waiting["app"].reason, "RunContainerError");
    assert!(!bench.engine.list().contains("web.app"));
}

#[tokio::test]
async fn a_reference_to_nothing_is_a_config_error() {
    let mut bench = Bench::new("config");
    let env = json!([{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "x", "key": "a"}}}]);
    bench.pod.spec.as_mut().unwrap().containers[0].env = serde_json::from_value(env).unwrap();
    let waits = bench.settle().await;
    assert_eq!(waits.waiting["app"].reason, "CreateContainerConfigError");
    assert_eq!(waits.waiting["app"].message, "configmap \"x\" not found");
}

#[tokio::test]
async fn a_deleted_pod_leaves_nothing_behind() {
    let mut bench = Bench::new("deleted");
    bench.settle().await;
    bench.told();
    bench.pod.metadata.deletion_timestamp = Some(Time(Timestamp::now() + SignedDuration::from_secs(30)));
    assert!(bench.settle().await.finish.is_some());
    assert_eq!(bench.engine.list(), "");
    assert_snapshot!(bench.told(), @r"
    event Pod shop/web Killing: Stopping container app
    event Pod shop/web Killing: Stopping container side
    ");
}
