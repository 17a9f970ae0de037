//! The executor against a scripted engine: a round is decided and carried out until there is nothing to do.

use std::sync::{Arc, Mutex};

use insta::assert_snapshot;
use jiff::SignedDuration;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::json;

use super::super::background::Background;
use super::super::backoff::Memory;
use super::super::errand::Errand;
use super::super::fake::Fake;
use super::super::fixture::pod;
use super::super::hands::{Api, Config, Hands};
use super::super::learn::learn;
use super::super::machine::Machine;
use super::super::observe::by_pod;
use super::super::plan::{Healths, Round, compute_pod_actions};
use super::super::runtime::{Network, Runtime};
use super::super::termination::Messages;
use super::*;
use crate::api::{Plan, Ranges};

/// A kubelet without its loop.
struct Bench {
    engine: Arc<Fake>,
    hands: Arc<Hands>,
    background: Background,
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
        let hands = Arc::new(Hands::new(engine.clone(), config, Machine::default(), Api { tell, ask }));
        let background = Background::new(Arc::default());
        Self { engine, hands, background, told, pod: pod(), memory: Memory::default(), later: SignedDuration::ZERO }
    }

    /// Rounds until there is nothing to do, or the pod is to be let go; returns the last decision.
    async fn settle(&mut self) -> PodActions {
        let (_sender, urgency) = watch::channel(Some(None));
        for _ in 0..200 {
            // Before the engine is looked at: what ends meanwhile is no more under way, and does not run either.
            let errands = &self.background.errands();
            let pods = by_pod(self.engine.containers().await.unwrap());
            let observed = pods.get("u1").cloned().unwrap_or_default();
            let now = Timestamp::now() + self.later;
            let health = Healths::new();
            let (pod, observed) = (&self.pod, &observed);
            let (memory, messages) = (&self.memory, &Messages::new());
            let health = &health;
            let round = Round { pod, observed, health, errands, messages, memory, hold: None, now };
            let actions = compute_pod_actions(round);
            if errands.values().any(|errand| !matches!(errand, Errand::PostStartFailed(_))) {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            } else if actions.is_idle() || actions.finish.is_some() {
                return actions;
            }
            let volumes: Result<&[PodVolume], &Fault> = Ok(&[]);
            let (seen, view) = (BTreeSet::new(), View::of([pod.clone()]));
            let (hands, background, seen, view) = (&self.hands, &self.background, &seen, &view);
            let work = Work { hands, background, pod, observed, seen, view, volumes, urgency: &urgency };
            let outcomes = execute(work, &actions).await.unwrap();
            learn(&self.hands, &self.pod, &mut self.memory, outcomes).await;
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
async fn a_start_that_the_engine_refuses_is_an_end() {
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
    assert!(waits.waiting["app"].message.contains("executable file not found"), "{waits}");
    assert!(bench.engine.list().contains("wharf.shop.web.app.2 exited 128"), "{}", bench.engine.list());
    bench.engine.refuse("app", "");
    bench.later = SignedDuration::from_secs(40);
    bench.settle().await;
    assert!(bench.engine.list().contains("wharf.shop.web.app.3 running"));
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

/// A hook that runs this program.
fn hook(when: &str, program: &str) -> Option<k8s_openapi::api::core::v1::Lifecycle> {
    serde_json::from_value(json!({when: {"exec": {"command": [program, "now"]}}})).unwrap()
}

#[tokio::test]
async fn a_container_whose_post_start_hook_fails_ends_and_comes_back() {
    let mut bench = Bench::new("post-start");
    bench.pod.spec.as_mut().unwrap().containers[0].lifecycle = hook("postStart", "warm");
    bench.engine.exec_ends("warm", 3);
    let waits = bench.settle().await;
    assert_eq!(waits.waiting["app"].reason, "CrashLoopBackOff");
    assert!(bench.engine.list().contains("wharf.shop.web.side running"));
    assert_eq!(bench.engine.execs(), ["warm now", "warm now"]);
    let told = bench.told();
    assert!(told.contains("warn Pod shop/web FailedPostStartHook: PostStartHook failed"), "{told}");
    assert!(told.contains("event Pod shop/web Killing: FailedPostStartHook"), "{told}");
    bench.engine.exec_ends("warm", 0);
    bench.later = SignedDuration::from_secs(11);
    bench.settle().await;
    assert!(bench.engine.list().contains("wharf.shop.web.app.2 running"), "{}", bench.engine.list());
}

#[tokio::test]
async fn a_pre_stop_hook_runs_once_before_the_end_and_may_fail() {
    let mut bench = Bench::new("pre-stop");
    bench.pod.spec.as_mut().unwrap().containers[0].lifecycle = hook("preStop", "drain");
    bench.engine.exec_ends("drain", 1);
    bench.settle().await;
    bench.told();
    bench.pod.metadata.deletion_timestamp = Some(Time(Timestamp::now() + SignedDuration::from_secs(30)));
    assert!(bench.settle().await.finish.is_some());
    assert_eq!(bench.engine.execs(), ["drain now"]);
    assert_snapshot!(bench.told(), @r"
    event Pod shop/web Killing: Stopping container app
    event Pod shop/web Killing: Stopping container side
    warn Pod shop/web FailedPreStopHook: PreStopHook failed
    ");
}

#[tokio::test]
async fn a_running_container_is_resized_in_place() {
    let mut bench = Bench::new("resize");
    bench.settle().await;
    let before = bench.engine.find("wharf.shop.web.app");
    bench.told();
    let size = json!({"limits": {"memory": "64Mi"}});
    bench.pod.spec.as_mut().unwrap().containers[0].resources = serde_json::from_value(size).unwrap();
    bench.settle().await;
    let after = bench.engine.find("wharf.shop.web.app");
    assert_eq!((after.id, after.limits.memory), (before.id, Some(64 << 20)));
    assert_snapshot!(bench.told(), @r#"event Pod shop/web ResizeCompleted: Pod resize completed: {"containers":[{"name":"app","resources":{"limits":{"memory":"64Mi"}}}],"generation":0}"#);
}
