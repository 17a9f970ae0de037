//! StatefulSets on a model of a node: the texts of plans, and the promises that hold at every round.

mod claims;
mod promises;

use insta::assert_snapshot;
use k8s_openapi::api::apps::v1::{ControllerRevision, StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use super::{identity, keys, plan};
use crate::api::{Key, Kind, Object, Plan, Timestamp};
use crate::controllers::model::Model;

/// The set `db` with more fields of its spec.
fn db(replicas: i32, more: &Value) -> Value {
    let mut set = json!({
        "metadata": {"name": "db", "namespace": "shop", "uid": "s1", "generation": 1},
        "spec": {
            "replicas": replicas,
            "serviceName": "db",
            "selector": {"matchLabels": {"app": "db"}},
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0, "maxUnavailable": 1}},
            "template": {
                "metadata": {"labels": {"app": "db"}},
                "spec": {"containers": [{"name": "db", "image": "postgres:1"}]},
            },
        },
    });
    json_patch::merge(&mut set["spec"], more);
    set
}

fn model(replicas: i32, more: &Value) -> Model {
    let mut model = Model::default();
    model.put::<StatefulSet>(db(replicas, more));
    model
}

fn set_key() -> Key {
    Key::new(Kind::of::<StatefulSet>(), "shop", "db")
}

fn pod_key(ordinal: i32) -> Key {
    Key::new(Kind::of::<Pod>(), "shop", &format!("db-{ordinal}"))
}

fn edit(model: &mut Model, edit: impl FnOnce(&mut StatefulSetSpec)) {
    model.change::<StatefulSet>(&set_key(), |s| {
        s.metadata.generation = s.metadata.generation.map(|g| g + 1);
        edit(s.spec.as_mut().unwrap());
    });
}

fn set_image(model: &mut Model, image: &str) {
    edit(model, |s| s.template.spec.as_mut().unwrap().containers[0].image = Some(image.to_owned()));
}

fn round(model: &mut Model) -> Plan {
    model.round::<StatefulSet>(plan)
}

fn settle(model: &mut Model) {
    model.settle_by(|m| drop(round(m)));
}

/// What a round did to pods and claims, without statuses and the hashes of revisions.
fn text(plan: &Plan) -> String {
    let known = |line: &&str| !line.starts_with("status") && !line.contains("ControllerRevision");
    let bare = |word: &str| {
        let hash = word.trim_end_matches([',', ':']).strip_prefix("db-").filter(|rest| rest.len() == 10);
        hash.map_or_else(|| word.to_owned(), |hash| word.replace(hash, "HASH"))
    };
    let text = plan.to_string();
    let lines = text.lines().filter(known).map(|l| l.split(' ').map(bare).collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

/// The pods with their images, such as `db-0=1`; `!` is one that is not ready, `-` one on its way out.
fn pods(model: &Model) -> String {
    let one = |p: &Pod| {
        let image = p.spec.as_ref().unwrap().containers[0].image.clone().unwrap();
        let state = if p.is_deleting() {
            "-"
        } else if crate::controllers::pod::is_ready(p) {
            ""
        } else {
            "!"
        };
        format!("{}={}{state}", p.name(), image.trim_start_matches("postgres:"))
    };
    model.view.all::<Pod>().map(one).collect::<Vec<_>>().join(" ")
}

fn status(model: &Model) -> Value {
    let mut status = model.view.value(&set_key()).unwrap()["status"].clone();
    for field in ["currentRevision", "updateRevision"] {
        status[field] = json!(status[field] == status["updateRevision"]);
    }
    status
}

#[test]
fn pods_are_made_in_order_each_with_an_identity() {
    let mut model = model(2, &json!({}));
    assert_snapshot!(text(&round(&mut model)), @r"
    create Pod shop/db-0: ordinal 0 is asked for
    event StatefulSet shop/db SuccessfulCreate: create Pod db-0 in StatefulSet db successful
    ");
    assert_snapshot!(text(&round(&mut model)), @"");
    model.set_ready(&pod_key(0), true);
    assert_snapshot!(text(&round(&mut model)), @r"
    create Pod shop/db-1: ordinal 1 is asked for
    event StatefulSet shop/db SuccessfulCreate: create Pod db-1 in StatefulSet db successful
    ");
    let pod = model.view.value(&pod_key(1)).unwrap();
    assert_eq!((&pod["spec"]["hostname"], &pod["spec"]["subdomain"]), (&json!("db-1"), &json!("db")));
    let labels = &pod["metadata"]["labels"];
    assert_eq!(labels["statefulset.kubernetes.io/pod-name"], "db-1");
    assert_eq!(labels["apps.kubernetes.io/pod-index"], "1");
    let revision = model.view.all::<ControllerRevision>().next().unwrap();
    assert_eq!(labels["controller-revision-hash"], revision.name());
    settle(&mut model);
    let wanted = json!({
        "replicas": 2, "readyReplicas": 2, "availableReplicas": 2, "currentReplicas": 2, "updatedReplicas": 2,
        "currentRevision": true, "updateRevision": true, "collisionCount": 0, "observedGeneration": 1,
    });
    assert_eq!(status(&model), wanted);
}

#[test]
fn in_parallel_all_are_made_and_deleted_at_once() {
    let mut model = model(3, &json!({"podManagementPolicy": "Parallel", "ordinals": {"start": 5}}));
    round(&mut model);
    assert_eq!(pods(&model), "db-5=1! db-6=1! db-7=1!");
    edit(&mut model, |s| s.replicas = Some(1));
    round(&mut model);
    assert_eq!(pods(&model), "db-5=1! db-6=1- db-7=1-");
}

#[test]
fn the_highest_goes_first_and_only_while_those_below_are_ready() {
    let mut model = model(3, &json!({}));
    settle(&mut model);
    model.set_ready(&pod_key(0), false);
    edit(&mut model, |s| s.replicas = Some(1));
    assert_snapshot!(text(&round(&mut model)), @"");
    model.set_ready(&pod_key(0), true);
    assert_snapshot!(text(&round(&mut model)), @r"
    delete Pod shop/db-2: 1 are asked for, from 0 on
    event StatefulSet shop/db SuccessfulDelete: delete Pod db-2 in StatefulSet db successful
    ");
    assert_snapshot!(text(&round(&mut model)), @"");
    model.reap();
    round(&mut model);
    assert_eq!(pods(&model), "db-0=1 db-1=1-");
}

#[test]
fn an_update_goes_from_the_highest_ordinal_to_the_partition() {
    let mut model = model(3, &json!({"updateStrategy": {"rollingUpdate": {"partition": 1}}}));
    settle(&mut model);
    set_image(&mut model, "postgres:2");
    assert_snapshot!(text(&round(&mut model)), @r"
    delete Pod shop/db-2: it is of db-HASH, not of db-HASH
    event StatefulSet shop/db SuccessfulDelete: delete Pod db-2 in StatefulSet db successful
    ");
    model.reap();
    round(&mut model);
    round(&mut model);
    assert_eq!(pods(&model), "db-0=1 db-1=1 db-2=2!");
    settle(&mut model);
    assert_eq!(pods(&model), "db-0=1 db-1=2 db-2=2");
    assert_eq!(status(&model)["currentRevision"], json!(false), "the partition holds it up");
    model.kill(&pod_key(0));
    settle(&mut model);
    assert_eq!(pods(&model), "db-0=1 db-1=2 db-2=2", "below the partition a pod comes back as it was");
    edit(&mut model, |s| s.update_strategy.as_mut().unwrap().rolling_update.as_mut().unwrap().partition = Some(0));
    settle(&mut model);
    assert_eq!(pods(&model), "db-0=2 db-1=2 db-2=2");
    assert_eq!(status(&model)["currentRevision"], json!(true));
}

#[test]
fn a_broken_update_waits_until_somebody_deletes_its_pod() {
    let mut model = model(2, &json!({}));
    settle(&mut model);
    set_image(&mut model, "postgres:broken");
    (0..4).for_each(|_| drop((round(&mut model), model.reap())));
    assert_eq!(pods(&model), "db-0=1 db-1=broken!");
    set_image(&mut model, "postgres:2");
    (0..4).for_each(|_| drop((round(&mut model), model.reap())));
    assert_eq!(pods(&model), "db-0=1 db-1=broken!", "as in Kubernetes");
    model.kill(&pod_key(1));
    settle(&mut model);
    assert_eq!(pods(&model), "db-0=2 db-1=2");
}

#[test]
fn in_parallel_what_is_not_ready_is_replaced_first_and_costs_nothing() {
    let mut model = model(3, &json!({"podManagementPolicy": "Parallel"}));
    settle(&mut model);
    model.set_ready(&pod_key(0), false);
    set_image(&mut model, "postgres:2");
    round(&mut model);
    assert_eq!(pods(&model), "db-0=1- db-1=1 db-2=1", "the one that may be unavailable is");
    edit(&mut model, |s| {
        let rolling = s.update_strategy.as_mut().unwrap().rolling_update.as_mut().unwrap();
        rolling.max_unavailable = serde_json::from_value(json!("67%")).unwrap();
    });
    round(&mut model);
    assert_eq!(pods(&model), "db-0=1- db-1=1 db-2=1-");
}

#[test]
fn on_delete_pods_stay_until_somebody_deletes_them() {
    let mut model = model(2, &json!({"updateStrategy": {"type": "OnDelete", "rollingUpdate": null}}));
    settle(&mut model);
    set_image(&mut model, "postgres:2");
    settle(&mut model);
    assert_eq!(pods(&model), "db-0=1 db-1=1");
    model.kill(&pod_key(0));
    settle(&mut model);
    assert_eq!(pods(&model), "db-0=2 db-1=1");
}

#[test]
fn a_pod_that_has_ended_is_made_anew() {
    let mut model = model(1, &json!({}));
    settle(&mut model);
    model.fail(&pod_key(0));
    assert_snapshot!(text(&round(&mut model)), @r"
    warn StatefulSet shop/db RecreatingFailedPod: StatefulSet shop/db is recreating failed Pod db-0
    delete Pod shop/db-0: it has ended
    event StatefulSet shop/db SuccessfulDelete: delete Pod db-0 in StatefulSet db successful
    ");
    settle(&mut model);
    assert_eq!(pods(&model), "db-0=1");
}

#[test]
fn a_pod_that_is_not_ready_for_long_enough_holds_the_others_up() {
    let mut model = model(2, &json!({"minReadySeconds": 10}));
    round(&mut model);
    model.set_ready(&pod_key(0), true);
    let waits = round(&mut model);
    assert_eq!((text(&waits).as_str(), waits.wake), ("wake at 1970-01-01T00:00:10Z", Timestamp::from_second(10).ok()));
    model.now = Timestamp::from_second(10).unwrap();
    round(&mut model);
    assert_eq!(pods(&model), "db-0=1 db-1=1!");
}

#[test]
fn old_revisions_are_used_again_and_those_beyond_the_limit_forgotten() {
    let mut model = model(1, &json!({"revisionHistoryLimit": 2}));
    for image in ["postgres:1", "postgres:2", "postgres:3", "postgres:4", "postgres:3"] {
        set_image(&mut model, image);
        settle(&mut model);
    }
    let mut numbers: Vec<i64> = model.view.all::<ControllerRevision>().map(|r| r.revision).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [2, 4, 5], "the third is the fifth now");
    let told = crate::api::revision::history(&model.view, &set_key());
    assert_eq!(told.last().unwrap().template.spec.as_ref().unwrap().containers[0].image.as_deref(), Some("postgres:3"));
}

#[test]
fn only_pods_with_a_name_of_the_sets_own_are_its() {
    let mut model = model(1, &json!({}));
    for name in ["db-0", "db-00", "db-x", "db"] {
        model.put::<Pod>(json!({"metadata": {"name": name, "namespace": "shop", "labels": {"app": "db"}}}));
    }
    assert_snapshot!(text(&round(&mut model)), @"update Pod shop/db-0: db selects it");
    let owned = |name: &str| identity::ordinal_of(model.view.get("shop", "db").unwrap(), name);
    assert_eq!(
        ["db-7", "db-07", "db--7", "db", "dbx-7", "db-99999999999"].map(owned),
        [Some(7), None, None, None, None, None]
    );
    let gone = Key::new(Kind::of::<Pod>(), "shop", "db-3");
    assert_eq!(keys(&model.view, &gone), [set_key()]);
}

#[test]
fn pods_that_have_ended_do_not_hold_a_scaling_up() {
    let mut model = model(4, &json!({}));
    settle(&mut model);
    edit(&mut model, |s| s.replicas = Some(1));
    for ordinal in 1..4 {
        model.fail(&pod_key(ordinal));
    }
    settle(&mut model);
    assert_eq!(pods(&model), "db-0=1");
}
