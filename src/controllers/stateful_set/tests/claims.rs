//! What becomes of the claims of a StatefulSet's pods.

use insta::assert_snapshot;
use k8s_openapi::api::apps::v1::StatefulSetSpec;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use serde_json::{Value, json};

use super::{edit, model, pod_key, pods, round, settle, text};
use crate::api::{Key, Kind, Object};
use crate::controllers::model::Model;

fn with_claims(when_deleted: &str, when_scaled: &str) -> Value {
    json!({
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": when_deleted, "whenScaled": when_scaled},
        "volumeClaimTemplates": [{"metadata": {"name": "data", "labels": {"tier": "back"}}, "spec": {"storageClassName": "fast"}}],
    })
}

fn claim_key(ordinal: i32) -> Key {
    Key::new(Kind::of::<PersistentVolumeClaim>(), "shop", &format!("data-db-{ordinal}"))
}

/// The claims with their owners.
fn claims(model: &Model) -> String {
    let owners = |c: &PersistentVolumeClaim| {
        let all = c.metadata.owner_references.iter().flatten();
        all.map(|o| format!(" {} {}", o.kind, o.name)).collect::<Vec<_>>().concat()
    };
    model
        .view
        .all::<PersistentVolumeClaim>()
        .map(|c| format!("{}:{}", c.name(), owners(c)))
        .collect::<Vec<_>>()
        .join("; ")
}

fn scale(model: &mut Model, replicas: i32) {
    edit(model, |s: &mut StatefulSetSpec| s.replicas = Some(replicas));
}

#[test]
fn each_pod_has_its_own_claims_which_stay() {
    let mut model = model(2, &with_claims("Retain", "Retain"));
    assert_snapshot!(text(&round(&mut model)), @r"
    create PersistentVolumeClaim shop/data-db-0: db-0 needs it
    event StatefulSet shop/db SuccessfulCreate: create Claim data-db-0 Pod db-0 in StatefulSet db success
    create Pod shop/db-0: ordinal 0 is asked for
    event StatefulSet shop/db SuccessfulCreate: create Pod db-0 in StatefulSet db successful
    ");
    let claim = model.view.value(&claim_key(0)).unwrap();
    assert_eq!(claim["metadata"]["labels"], json!({"app": "db", "tier": "back"}));
    assert_eq!(claim["spec"]["storageClassName"], "fast");
    let volumes = model.view.value(&pod_key(0)).unwrap()["spec"]["volumes"].clone();
    assert_eq!(
        volumes,
        json!([{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0", "readOnly": false}}])
    );
    settle(&mut model);
    scale(&mut model, 0);
    settle(&mut model);
    assert_eq!((pods(&model).as_str(), claims(&model).as_str()), ("", "data-db-0:; data-db-1:"));
    scale(&mut model, 1);
    settle(&mut model);
    assert_eq!(pods(&model), "db-0=1");
}

#[test]
fn claims_go_with_the_set_where_it_says_so() {
    let mut model = model(1, &with_claims("Delete", "Retain"));
    settle(&mut model);
    assert_eq!(claims(&model), "data-db-0: StatefulSet db");
    let keep = |s: &mut StatefulSetSpec| s.persistent_volume_claim_retention_policy = None;
    edit(&mut model, keep);
    settle(&mut model);
    assert_eq!(claims(&model), "data-db-0:", "the policy may change at any time");
}

#[test]
fn claims_go_with_a_pod_that_is_scaled_away_where_the_set_says_so() {
    let mut model = model(2, &with_claims("Delete", "Delete"));
    settle(&mut model);
    assert_eq!(claims(&model), "data-db-0: StatefulSet db; data-db-1: StatefulSet db");
    scale(&mut model, 1);
    assert_snapshot!(text(&round(&mut model)), @r"
    update PersistentVolumeClaim shop/data-db-1: it goes with db-1
    delete Pod shop/db-1: 1 are asked for, from 0 on
    event StatefulSet shop/db SuccessfulDelete: delete Pod db-1 in StatefulSet db successful
    ");
    assert_eq!(claims(&model), "data-db-0: StatefulSet db; data-db-1: Pod db-1");
    model.reap();
    scale(&mut model, 2);
    assert_snapshot!(text(&round(&mut model)), @"");
    model.view.remove(&claim_key(1));
    settle(&mut model);
    assert_eq!(claims(&model), "data-db-0: StatefulSet db; data-db-1: StatefulSet db");
}

#[test]
fn a_claim_that_is_being_deleted_is_waited_for() {
    let mut model = model(1, &with_claims("Retain", "Retain"));
    settle(&mut model);
    let now = model.now;
    model.change::<PersistentVolumeClaim>(&claim_key(0), |c| {
        c.metadata.deletion_timestamp = Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(now));
    });
    model.kill(&pod_key(0));
    model.reap();
    assert_snapshot!(text(&round(&mut model)), @"warn StatefulSet shop/db FailedCreate: create Pod db-0 in StatefulSet db failed error: pvc data-db-0 is being deleted");
    assert_eq!(super::keys(&model.view, &claim_key(0)), [super::set_key()]);
}
