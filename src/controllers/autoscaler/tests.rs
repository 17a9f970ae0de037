//! Autoscalers: what is proposed, what is allowed, and what is told.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use super::{History, next_look, plan};
use crate::api::usage::{Measured, Usage};
use crate::api::{Action, Key, Kind, Object, Step, Timestamp, View};

/// An autoscaler over a Deployment whose pods each request 100m of cpu, and what they use of it.
struct World {
    view: View,
    history: History,
    second: i64,
    /// Thousandths of a core, of each pod.
    load: i128,
}

impl World {
    fn of(replicas: i32, spec: &Value) -> Self {
        let mut world = Self { view: View::default(), history: History::default(), second: 1000, load: 0 };
        let mut scaler = json!({
            "metadata": {"name": "web", "namespace": "shop", "uid": "h", "generation": 1},
            "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "maxReplicas": 10,
                "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}]},
        });
        scaler["spec"].as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
        let scaler = (Kind::of::<HorizontalPodAutoscaler>().admit)(&scaler, None).unwrap();
        world.view.extend([serde_json::from_value::<HorizontalPodAutoscaler>(scaler).unwrap()]);
        let deployment = json!({"metadata": {"name": "web", "namespace": "shop", "uid": "d"},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": {}}});
        world.view.extend([serde_json::from_value::<Deployment>(deployment).unwrap()]);
        world.follow();
        world
    }

    /// As many ready pods as the Deployment asks for.
    fn follow(&mut self) {
        let old: Vec<Key> = self.view.all::<Pod>().map(Object::key).collect();
        for key in &old {
            self.view.remove(key);
        }
        for i in 0..self.replicas() {
            let pod = json!({
                "metadata": {"name": format!("web-{i}"), "namespace": "shop", "uid": format!("p{i}"), "labels": {"app": "web"}},
                "spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": "100m", "memory": "10Mi"}}}]},
                "status": {"phase": "Running", "startTime": "1970-01-01T00:00:00Z",
                    "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "1970-01-01T00:00:05Z"}]},
            });
            self.view.extend([serde_json::from_value::<Pod>(pod).unwrap()]);
        }
    }

    fn replicas(&self) -> i32 {
        self.view.get::<Deployment>("shop", "web").unwrap().spec.as_ref().unwrap().replicas.unwrap()
    }

    fn measured(&self) -> Measured {
        let usage = Usage { cpu: u64::try_from(self.load).unwrap() * 1_000_000, memory: 5 << 20 };
        let pods = self.view.all::<Pod>().map(|p| (p.uid().to_owned(), BTreeMap::from([("c".to_owned(), usage)])));
        Measured { pods: pods.collect(), ..Measured::default() }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.second).unwrap()
    }

    fn key() -> Key {
        Key::new(Kind::of::<HorizontalPodAutoscaler>(), "shop", "web")
    }

    /// One look, fifteen seconds after the last one; the steps that it decides on.
    fn look(&mut self, load: i128) -> String {
        self.load = load;
        self.second += 15;
        let (measured, now) = (self.measured(), self.now());
        let plan = plan(&self.view, &Self::key(), Some(&measured), &mut self.history, now);
        for step in &plan.steps {
            if let Action::Update(kind, object) | Action::UpdateStatus(kind, object) = &step.action {
                self.view.insert(Key::of(kind, object), (kind.decode)(object).unwrap());
            }
        }
        self.follow();
        let lines = plan.steps.iter().filter(|s| !matches!(s.action, Action::UpdateStatus(..)));
        let line = |s: &Step| format!("{}{}{}\n", s.action, if s.why.is_empty() { "" } else { ": " }, s.why);
        lines.map(line).collect::<Vec<_>>().concat()
    }

    fn condition(&self, kind: &str) -> String {
        let scaler = self.view.get::<HorizontalPodAutoscaler>("shop", "web").unwrap();
        let all = scaler.status.as_ref().unwrap().conditions.as_ref().unwrap();
        let c = all.iter().find(|c| c.type_ == kind).unwrap();
        format!("{} {}: {}", c.status, c.reason.as_ref().unwrap(), c.message.as_ref().unwrap())
    }
}

#[test]
fn load_above_the_target_adds_replicas() {
    let mut world = World::of(2, &json!({}));
    assert_snapshot!(world.look(100), @r"
    update Deployment shop/web: 2 replicas become 4: cpu resource utilization (percentage of request) above target
    event HorizontalPodAutoscaler shop/web SuccessfulRescale: New size: 4; reason: cpu resource utilization (percentage of request) above target
    ");
    assert_eq!(
        world.condition("AbleToScale"),
        "True SucceededRescale: the HPA controller was able to update the target scale to 4"
    );
    assert_eq!(world.look(50), "", "it is on target");
    assert_eq!(world.look(54), "", "near enough");
    assert_eq!(
        world.condition("ScalingActive"),
        "True ValidMetricFound: the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)"
    );
    let scaler = world.view.get::<HorizontalPodAutoscaler>("shop", "web").unwrap().to_value();
    assert_eq!(
        scaler["status"]["currentMetrics"][0]["resource"]["current"],
        json!({"averageUtilization": 54, "averageValue": "54m"})
    );
}

#[test]
fn replicas_go_when_the_load_was_low_for_five_minutes() {
    let mut world = World::of(8, &json!({}));
    assert_eq!(world.look(50), "");
    for _ in 0..19 {
        assert_eq!(world.look(10), "");
    }
    assert_eq!(
        world.condition("AbleToScale"),
        "True ScaleDownStabilized: recent recommendations were higher than current one, applying the highest recent recommendation"
    );
    assert!(world.look(10).starts_with("update Deployment shop/web: 8 replicas become 2: All metrics below target"));
}

#[test]
fn bounds_and_policies_limit_it() {
    let mut world = World::of(4, &json!({"maxReplicas": 6}));
    assert!(world.look(500).contains("4 replicas become 6"));
    assert_eq!(
        world.condition("ScalingLimited"),
        "True TooManyReplicas: the desired replica count is more than the maximum replica count"
    );
    let mut world = World::of(1, &json!({"maxReplicas": 40}));
    assert!(world.look(1000).contains("1 replicas become 5"), "four more in 15 seconds");
    assert_eq!(
        world.condition("ScalingLimited"),
        "True ScaleUpLimit: the desired replica count is increasing faster than the maximum scale rate"
    );
    assert!(world.look(1000).contains("5 replicas become 10"), "or twice as many");
    let slow = json!({"behavior": {"scaleDown": {"stabilizationWindowSeconds": 0,
        "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}}});
    let mut world = World::of(5, &slow);
    assert!(world.look(1).contains("5 replicas become 4"));
    assert_eq!(world.look(1), "");
    assert_eq!(world.look(1), "");
    assert_eq!(world.look(1), "");
    assert!(world.look(1).contains("4 replicas become 3"));
    let none = json!({"behavior": {"scaleUp": {"selectPolicy": "Disabled"}}});
    assert_eq!(World::of(2, &none).look(1000), "");
}

#[test]
fn what_is_out_of_bounds_is_brought_back() {
    assert!(
        World::of(1, &json!({"minReplicas": 3}))
            .look(0)
            .contains("1 replicas become 3: Current number of replicas below Spec.MinReplicas")
    );
    assert!(
        World::of(12, &json!({}))
            .look(0)
            .contains("12 replicas become 10: Current number of replicas above Spec.MaxReplicas")
    );
    let mut off = World::of(0, &json!({}));
    assert_eq!(off.look(0), "");
    assert_eq!(
        off.condition("ScalingActive"),
        "False ScalingDisabled: scaling is disabled since the replica count of the target is zero"
    );
}

#[test]
fn memory_and_single_containers_count_too() {
    let memory = json!([{"type": "ContainerResource", "containerResource": {"name": "memory", "container": "c",
        "target": {"type": "AverageValue", "averageValue": "2Mi"}}}]);
    assert!(
        World::of(2, &json!({"metrics": memory}))
            .look(0)
            .contains("2 replicas become 5: memory container resource above target")
    );
}

#[test]
fn nothing_happens_without_numbers_and_it_is_told_why() {
    let mut world = World::of(2, &json!({}));
    let (now, history) = (world.now(), &mut world.history);
    assert_snapshot!(plan(&world.view, &World::key(), None, history, now).steps.iter().take(2).map(|s| s.action.to_string()).collect::<Vec<_>>().join("\n"), @r"
    warn HorizontalPodAutoscaler shop/web FailedGetResourceMetric: failed to get cpu resource metric value: unable to fetch metrics from resource metrics API: the engine does not answer
    warn HorizontalPodAutoscaler shop/web FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: unable to fetch metrics from resource metrics API: the engine does not answer
    ");
    let mut lost =
        World::of(2, &json!({"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "wbe"}}));
    assert_snapshot!(lost.look(0), @r#"warn HorizontalPodAutoscaler shop/web FailedGetScale: deployments.apps "wbe" not found"#);
}

#[test]
fn it_looks_every_fifteen_seconds_and_when_it_changed() {
    let mut world = World::of(2, &json!({}));
    world.look(50);
    let soon = world.now() + jiff::SignedDuration::from_secs(3);
    assert_eq!(next_look(&world.view, &World::key(), &world.history, soon).unwrap().as_second(), world.second + 15);
    let mut scaler = world.view.get::<HorizontalPodAutoscaler>("shop", "web").unwrap().clone();
    scaler.metadata.generation = Some(2);
    world.view.extend([scaler]);
    assert_eq!(next_look(&world.view, &World::key(), &world.history, soon), None);
}
