//! Rollouts on a model of a node: the texts of plans, and the promises that hold at every round.

use insta::assert_snapshot;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::strategy::Bounds;
use crate::api::{Action, Key, Kind, Object, Timestamp};
use crate::controllers::model::Model;
use crate::controllers::pod;

fn web(replicas: i32, image: &str, strategy: &Value) -> Value {
    json!({
        "metadata": {"name": "web", "namespace": "shop", "uid": "d1", "generation": 1},
        "spec": {
            "replicas": replicas,
            "progressDeadlineSeconds": 600,
            "selector": {"matchLabels": {"app": "web"}},
            "strategy": strategy,
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": image}]},
            },
        },
    })
}

fn rolling(surge: &str, unavailable: &str) -> Value {
    json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}})
}

fn key() -> Key {
    Key::new(Kind::of::<Deployment>(), "shop", "web")
}

fn model(replicas: i32, strategy: &Value) -> Model {
    let mut model = Model::default();
    model.put::<Deployment>(web(replicas, "nginx:1", strategy));
    model
}

fn edit(model: &mut Model, edit: impl FnOnce(&mut k8s_openapi::api::apps::v1::DeploymentSpec)) {
    model.change::<Deployment>(&key(), |d| {
        d.metadata.generation = d.metadata.generation.map(|g| g + 1);
        edit(d.spec.as_mut().unwrap());
    });
}

fn set_image(model: &mut Model, image: &str) {
    edit(model, |s| s.template.spec.as_mut().unwrap().containers[0].image = Some(image.to_owned()));
}

fn sizes(model: &Model) -> Vec<i32> {
    let mut sets: Vec<&ReplicaSet> = model.view.all().collect();
    sets.sort_by_key(|s| s.metadata.annotations.as_ref().unwrap()["deployment.kubernetes.io/revision"].clone());
    sets.iter().map(|s| s.spec.as_ref().unwrap().replicas.unwrap()).collect()
}

fn reason(model: &Model, kind: &str) -> String {
    let deployment = model.view.get::<Deployment>("shop", "web").unwrap();
    let conditions = deployment.status.as_ref().unwrap().conditions.as_ref().unwrap();
    conditions.iter().find(|c| c.type_ == kind).unwrap().reason.clone().unwrap()
}

/// The plan without statuses, and with the hash of the template written as `HASH`.
fn text(plan: &crate::api::Plan) -> String {
    let text = plan.to_string();
    let lines = text.lines().filter(|l| !l.starts_with("status")).map(|l| {
        l.split_whitespace().map(|w| if w.contains("web-") { "SET" } else { w }).collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_first_rollout_goes_by_steps() {
    let mut model = model(2, &rolling("25%", "25%"));
    assert_snapshot!(text(&model.deploy()), @"update Deployment shop/web: its template is revision 1");
    assert_snapshot!(text(&model.deploy()), @r"
    create ReplicaSet SET 0 → 2
    event Deployment shop/web ScalingReplicaSet: Scaled up replica set SET from 0 to 2
    wake at 1970-01-01T00:10:00Z
    ");
    assert_eq!(reason(&model, "Progressing"), "NewReplicaSetCreated");
    assert_eq!(reason(&model, "Available"), "MinimumReplicasUnavailable");
    model.settle();
    assert_eq!(reason(&model, "Progressing"), "NewReplicaSetAvailable");
    assert_eq!(reason(&model, "Available"), "MinimumReplicasAvailable");
    assert_snapshot!(model.deploy(), @"");
}

#[test]
fn a_new_template_replaces_the_old_one_within_the_bounds() {
    let mut model = model(4, &rolling("1", "0%"));
    edit(&mut model, |s| {
        let rolling = s.strategy.as_mut().unwrap().rolling_update.as_mut().unwrap();
        rolling.max_surge = Some(IntOrString::Int(1));
    });
    model.settle();
    set_image(&mut model, "nginx:2");
    model.deploy();
    model.deploy();
    assert_eq!(sizes(&model), [4, 1]);
    model.replicate();
    model.replicate();
    model.deploy();
    assert_eq!(sizes(&model), [4, 1], "the new pod is not ready yet");
    model.settle();
    assert_eq!(sizes(&model), [0, 4]);
    set_image(&mut model, "nginx:1");
    model.settle();
    assert_eq!(sizes(&model), [0, 4], "the set of the first template is used again, as revision 3");
    assert_eq!(model.view.all::<ReplicaSet>().count(), 2);
}

#[test]
fn recreate_waits_until_the_old_pods_are_gone() {
    let mut model = model(2, &json!({"type": "Recreate"}));
    model.settle();
    set_image(&mut model, "nginx:2");
    model.deploy();
    model.replicate();
    assert_eq!(sizes(&model), [0]);
    for _ in 0..3 {
        model.deploy();
    }
    assert_eq!(sizes(&model), [0], "the old pods are on their way out, but there");
    model.reap();
    model.settle();
    assert_eq!(sizes(&model), [0, 2]);
}

#[test]
fn a_paused_rollout_only_scales_and_in_proportion() {
    let mut model = model(10, &rolling("30%", "20%"));
    model.settle();
    set_image(&mut model, "nginx:2");
    (0..3).for_each(|_| drop((model.deploy(), model.replicate())));
    assert_eq!(sizes(&model), [8, 5]);
    edit(&mut model, |s| s.paused = Some(true));
    edit(&mut model, |s| s.replicas = Some(15));
    model.deploy();
    // Kubernetes' example of proportional scaling, with 13 → 20 pods.
    assert_eq!(sizes(&model), [12, 8]);
    assert_eq!(reason(&model, "Progressing"), "DeploymentPaused");
    assert_snapshot!(text(&model.deploy()), @"");
}

#[test]
fn a_rollout_that_does_not_move_is_overdue_and_recovers() {
    let mut model = model(1, &rolling("25%", "25%"));
    (0..4).for_each(|_| drop((model.deploy(), model.replicate())));
    assert_eq!(reason(&model, "Progressing"), "ReplicaSetUpdated");
    model.now = Timestamp::from_second(600).unwrap();
    model.deploy();
    assert_eq!(reason(&model, "Progressing"), "ProgressDeadlineExceeded");
    model.settle();
    assert_eq!(reason(&model, "Progressing"), "NewReplicaSetAvailable");
}

#[test]
fn old_sets_beyond_the_limit_are_forgotten() {
    let mut model = model(1, &rolling("25%", "25%"));
    edit(&mut model, |s| s.revision_history_limit = Some(2));
    for n in 1..6 {
        set_image(&mut model, &format!("nginx:{n}"));
        model.settle();
    }
    assert_eq!(sizes(&model), [0, 0, 1]);
}

#[test]
fn percentages_round_up_for_surge_and_down_for_unavailability() {
    let bounds = |replicas, surge: &str, unavailable: &str| {
        let deployment = serde_json::from_value(web(replicas, "nginx", &rolling(surge, unavailable))).unwrap();
        let bounds = Bounds::of(&deployment);
        (bounds.surge, bounds.unavailable)
    };
    assert_eq!(bounds(10, "25%", "25%"), (3, 2));
    assert_eq!(bounds(1, "25%", "25%"), (1, 0));
    assert_eq!(bounds(3, "0%", "10%"), (0, 1), "one of them must move");
    assert_eq!(bounds(0, "25%", "25%"), (0, 0));
}

/// What happens between two rounds.
#[derive(Clone, Debug)]
enum Step {
    Deploy,
    Replicate,
    Reap,
    Ready(usize),
    Image(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Deploy),
        4 => Just(Step::Replicate),
        2 => Just(Step::Reap),
        4 => (0..20_usize).prop_map(Step::Ready),
        1 => (1..4_u8).prop_map(Step::Image),
    ]
}

/// Unready pods of the set that owns a pod.
fn keeps_unready(model: &Model, deleted: &[Key], ready: &Pod) -> bool {
    let owner = ready.controller().map(|o| &o.uid);
    let mut pods = model.view.all::<Pod>();
    pods.any(|p| {
        pod::is_active(p) && !pod::is_ready(p) && p.controller().map(|o| &o.uid) == owner && !deleted.contains(&p.key())
    })
}

fn check_deletions(before: &Model, plan: &crate::api::Plan) {
    let deleted: Vec<Key> = plan
        .steps
        .iter()
        .filter_map(|s| if let Action::Delete { key, .. } = &s.action { Some(key.clone()) } else { None })
        .collect();
    for key in &deleted {
        if let Some(pod) = before.view.get::<Pod>(&key.namespace, &key.name).filter(|p| pod::is_ready(p)) {
            assert!(!keeps_unready(before, &deleted, pod), "{key} is ready and deleted before an unready one");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_rollout_keeps_its_bounds_whatever_happens(
        replicas in 1..7_i32,
        surge in prop_oneof![Just("0%"), Just("25%"), Just("100%")],
        unavailable in prop_oneof![Just("0%"), Just("30%"), Just("100%")],
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let mut model = model(replicas, &rolling(surge, unavailable));
        model.settle();
        let bounds = Bounds::of(model.view.get("shop", "web").unwrap());
        for (second, step) in steps.iter().enumerate() {
            model.now = Timestamp::from_second(i64::try_from(second).unwrap()).unwrap();
            match step {
                Step::Deploy => drop(model.deploy()),
                Step::Replicate => {
                    let before = model.clone();
                    check_deletions(&before, &model.replicate());
                }
                Step::Reap => model.reap(),
                Step::Ready(n) => {
                    let active = model.active();
                    if !active.is_empty() {
                        model.set_ready(&active[n % active.len()], true);
                    }
                }
                Step::Image(n) => set_image(&mut model, &format!("nginx:{n}")),
            }
            let active = model.active();
            let count = i32::try_from(active.len()).unwrap();
            prop_assert!(count <= bounds.most(), "{count} pods of {} after {step:?}", bounds.most());
            let ready = model.view.all::<Pod>().filter(|p| pod::is_active(p) && pod::is_ready(p)).count();
            prop_assert!(i32::try_from(ready).unwrap() >= bounds.least(), "{ready} ready of {} after {step:?}", bounds.least());
        }
        model.settle();
        let available = model.view.all::<Deployment>().next().unwrap().status.as_ref().unwrap().available_replicas;
        prop_assert_eq!(available, Some(replicas));
        prop_assert_eq!(model.active().len(), usize::try_from(replicas).unwrap());
    }
}
