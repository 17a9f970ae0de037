//! Rollouts on a model of a node: the texts of plans, and the promises that hold at every round.

mod promises;

use insta::assert_snapshot;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::{Value, json};

use super::strategy::Bounds;
use crate::api::{Key, Kind, Object, Timestamp};
use crate::controllers::model::Model;

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
    (0..5).for_each(|_| drop((model.deploy(), model.replicate())));
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

#[test]
fn a_set_that_is_used_again_remembers_its_revisions() {
    let mut model = model(1, &rolling("25%", "25%"));
    for image in ["nginx:1", "nginx:2", "nginx:1", "nginx:2", "nginx:1"] {
        set_image(&mut model, image);
        model.settle();
    }
    let annotation = |set: &ReplicaSet, name: &str| {
        set.annotation(&format!("deployment.kubernetes.io/{name}")).unwrap_or_default().to_owned()
    };
    let told: Vec<_> = model
        .view
        .all::<ReplicaSet>()
        .map(|s| (annotation(s, "revision"), annotation(s, "revision-history")))
        .collect();
    assert!(
        told.contains(&("5".to_owned(), "1,3".to_owned())) && told.contains(&("4".to_owned(), "2".to_owned())),
        "{told:?}"
    );
}

#[test]
fn a_name_that_another_set_has_is_a_collision() {
    let mut first = model(1, &rolling("25%", "25%"));
    first.settle();
    let taken = first.view.all::<ReplicaSet>().next().unwrap().clone();
    let mut fresh = model(1, &rolling("25%", "25%"));
    let mut foreign = taken.clone();
    foreign.metadata.owner_references = None;
    foreign.metadata.labels = None;
    fresh.put::<ReplicaSet>(foreign.to_value());
    fresh.settle();
    let names: Vec<&str> = fresh.view.all::<ReplicaSet>().map(Object::name).collect();
    assert_eq!(names.len(), 2);
    let status = fresh.view.all::<Deployment>().next().unwrap().status.clone().unwrap();
    assert_eq!((status.collision_count, status.replicas), (Some(1), Some(1)));
}

#[test]
fn sets_are_adopted_and_released_by_their_labels() {
    let mut model = model(2, &rolling("25%", "25%"));
    model.settle();
    let key = model.view.all::<ReplicaSet>().next().unwrap().key();
    model.change::<ReplicaSet>(&key, |s| drop(s.metadata.labels.as_mut().unwrap().remove("app")));
    let released = model.deploy().to_string();
    assert!(released.starts_with(&format!("update {key}: web does not select it any more\n")), "{released}");
    model.change::<ReplicaSet>(&key, |s| {
        drop(s.metadata.labels.as_mut().unwrap().insert("app".to_owned(), "web".to_owned()));
    });
    let adopted = model.deploy().to_string();
    assert!(adopted.contains(&format!("update {key}: web selects it\n")), "{adopted}");
    model.settle();
    assert_eq!(model.active().len(), 2);
}
