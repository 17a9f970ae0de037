//! Claims and volumes: binding, provisioning, protection and reclaiming, on a model of a node.

use insta::assert_snapshot;
use k8s_openapi::api::core::v1::{Node, PersistentVolume, PersistentVolumeClaim, Pod};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};

use crate::api::{Key, Kind, Object, Timestamp};
use crate::controllers::model::Model;
use crate::controllers::{claim, volume};

fn model(mode: &str, policy: &str) -> Model {
    let mut model = Model::default();
    model.put::<Node>(json!({"metadata": {"name": "wharf"}}));
    model.put::<StorageClass>(json!({
        "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": "wharf.dev/docker-volume", "volumeBindingMode": mode, "reclaimPolicy": policy,
        "parameters": {"driver": "local"},
    }));
    model
}

fn claim(model: &mut Model, spec: &Value) {
    let mut spec = spec.clone();
    spec["accessModes"] = json!(["ReadWriteOnce"]);
    spec["resources"] = json!({"requests": {"storage": "1Gi"}});
    let metadata = json!({"name": "data", "namespace": "shop", "uid": "c1"});
    model.put::<PersistentVolumeClaim>(json!({"metadata": metadata, "spec": spec}));
}

fn key() -> Key {
    Key::new(Kind::of::<PersistentVolumeClaim>(), "shop", "data")
}

/// Rounds of claims and volumes until nothing is decided; all that was decided.
fn settle(model: &mut Model) -> String {
    let mut text = String::new();
    for _ in 0..20 {
        let claims: Vec<Key> = model.view.keys(Kind::of::<PersistentVolumeClaim>()).collect();
        let volumes: Vec<Key> = model.view.keys(Kind::of::<PersistentVolume>()).collect();
        let mut decided = String::new();
        for key in claims {
            let plan = claim::plan(&model.view, &key, model.now);
            model.apply(&plan);
            decided += &plan.to_string();
        }
        for key in volumes {
            let plan = volume::plan(&model.view, &key, model.now);
            model.apply(&plan);
            decided += &plan.to_string();
        }
        if decided.is_empty() || text.ends_with(&decided) {
            return text;
        }
        text += &decided;
    }
    panic!("no fixed point:\n{text}");
}

fn phase(model: &Model) -> String {
    let claim = model.view.get::<PersistentVolumeClaim>("shop", "data").unwrap();
    claim.status.clone().unwrap_or_default().phase.unwrap_or_default()
}

fn remove(model: &mut Model) {
    model
        .change::<PersistentVolumeClaim>(&key(), |c| c.metadata.deletion_timestamp = Some(Time(Timestamp::UNIX_EPOCH)));
}

#[test]
fn a_claim_of_the_default_class_gets_a_docker_volume() {
    let mut model = model("Immediate", "Delete");
    claim(&mut model, &json!({}));
    assert_snapshot!(settle(&mut model), @r#"
    update PersistentVolumeClaim shop/data: it is protected while pods use it
    create PersistentVolume pvc-c1: PersistentVolumeClaim shop/data asks for class standard
    event PersistentVolumeClaim shop/data Provisioning: a volume of class "standard" is made
    update PersistentVolumeClaim shop/data: PersistentVolume pvc-c1 fits
    update PersistentVolume pvc-c1: it is protected while a claim is bound to it
    status PersistentVolumeClaim shop/data {"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},"phase":"Bound"}
    status PersistentVolume pvc-c1 {"lastPhaseTransitionTime":"1970-01-01T00:00:00Z","phase":"Bound"}
    "#);
    let spec = model.view.get::<PersistentVolume>("", "pvc-c1").unwrap().spec.clone().unwrap();
    let csi = spec.csi.unwrap();
    assert_eq!((csi.driver.as_str(), csi.volume_handle.as_str()), (volume::DRIVER, "wharf-shop-data-zf5rd"));
    assert_eq!(csi.volume_attributes.unwrap()["driver"], "local");
}

#[test]
fn the_volume_goes_with_its_claim_or_is_kept() {
    for (policy, rest) in [("Delete", None), ("Retain", Some("Released"))] {
        let mut model = model("Immediate", policy);
        claim(&mut model, &json!({}));
        settle(&mut model);
        model.view.remove(&key());
        let text = settle(&mut model);
        let volume = model.view.get::<PersistentVolume>("", "pvc-c1");
        let phase = volume.map(|v| v.status.clone().unwrap().phase.unwrap());
        assert_eq!(phase.as_deref(), rest, "{policy}: {text}");
    }
}

#[test]
fn a_new_claim_does_not_get_the_data_of_a_kept_volume() {
    let mut model = model("Immediate", "Retain");
    claim(&mut model, &json!({}));
    settle(&mut model);
    model.view.remove(&key());
    settle(&mut model);
    claim(&mut model, &json!({}));
    model.change::<PersistentVolumeClaim>(&key(), |c| c.metadata.uid = Some("c2".to_owned()));
    settle(&mut model);
    let spec = model.view.get::<PersistentVolume>("", "pvc-c2").unwrap().spec.clone().unwrap();
    let handle = spec.csi.unwrap().volume_handle;
    assert!(handle.starts_with("wharf-shop-data-") && handle.len() == "wharf-shop-data-12345".len(), "{handle}");
}

#[test]
fn a_claim_in_use_outlives_its_deletion() {
    let mut model = model("Immediate", "Delete");
    claim(&mut model, &json!({}));
    settle(&mut model);
    let volumes = json!([{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]);
    model.put::<Pod>(json!({
        "metadata": {"name": "db", "namespace": "shop"}, "spec": {"containers": [], "volumes": volumes},
    }));
    remove(&mut model);
    assert_snapshot!(settle(&mut model), @"");
    model.view.remove(&Key::new(Kind::of::<Pod>(), "shop", "db"));
    assert_snapshot!(settle(&mut model), @"update PersistentVolumeClaim shop/data: no pod uses it any more");
}

#[test]
fn a_claim_that_waits_for_a_consumer_gets_its_volume_with_the_first_pod() {
    let mut model = model("WaitForFirstConsumer", "Delete");
    claim(&mut model, &json!({}));
    assert!(settle(&mut model).contains("waiting for first consumer"));
    assert_eq!(phase(&model), "Pending");
    let volumes = json!([{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]);
    model.put::<Pod>(json!({
        "metadata": {"name": "db", "namespace": "shop"}, "spec": {"containers": [], "volumes": volumes},
    }));
    settle(&mut model);
    assert_eq!(phase(&model), "Bound");
}

#[test]
fn the_smallest_volume_that_fits_is_taken() {
    let mut model = model("Immediate", "Delete");
    let mut volume = |name: &str, size: &str, class: &str, mode: &str| {
        model.put::<PersistentVolume>(json!({
            "metadata": {"name": name},
            "spec": {"capacity": {"storage": size}, "storageClassName": class, "accessModes": [mode],
                     "hostPath": {"path": "/srv"}},
        }));
    };
    volume("a-large", "9Gi", "manual", "ReadWriteOnce");
    volume("b-right", "2Gi", "manual", "ReadWriteOnce");
    volume("c-small", "1Mi", "manual", "ReadWriteOnce");
    volume("d-mode", "1Gi", "manual", "ReadOnlyMany");
    volume("e-class", "1Gi", "other", "ReadWriteOnce");
    claim(&mut model, &json!({"storageClassName": "manual"}));
    settle(&mut model);
    let claim = model.view.get::<PersistentVolumeClaim>("shop", "data").unwrap();
    assert_eq!((super::volume_name(claim), phase(&model).as_str()), (Some("b-right"), "Bound"));
    model.view.remove(&Key::new(Kind::of::<PersistentVolume>(), "", "b-right"));
    assert!(settle(&mut model).contains("warn PersistentVolumeClaim shop/data ClaimLost"));
    assert_eq!(phase(&model), "Lost");
}

#[test]
fn a_claim_of_an_unknown_class_says_so_and_one_of_none_waits() {
    let mut model = model("Immediate", "Delete");
    claim(&mut model, &json!({"storageClassName": "fast"}));
    assert!(settle(&mut model).contains(r#"ProvisioningFailed: storageclass.storage.k8s.io "fast" not found"#));
    claim(&mut model, &json!({"storageClassName": ""}));
    assert!(settle(&mut model).contains("FailedBinding: no persistent volumes available"));
    assert_eq!(model.view.all::<PersistentVolume>().map(Object::name).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_pod_that_is_shut_down_does_not_hold_the_claim_it_waits_for() {
    let mut model = model("Immediate", "Delete");
    let metadata = json!({"name": "web", "namespace": "shop", "uid": "u1"});
    let spec = json!({"containers": [], "volumes": [{"name": "scratch", "ephemeral": {"volumeClaimTemplate": {}}}]});
    model.put::<Pod>(json!({"metadata": metadata, "spec": spec, "status": {"phase": "Running"}}));
    let metadata = json!({"name": "web-scratch", "namespace": "shop", "uid": "c1"});
    let asked = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
    model.put::<PersistentVolumeClaim>(json!({"metadata": metadata, "spec": asked}));
    settle(&mut model);
    let claim = Key::new(Kind::of::<PersistentVolumeClaim>(), "shop", "web-scratch");
    let now = Some(Time(Timestamp::UNIX_EPOCH));
    model.change::<PersistentVolumeClaim>(&claim, |c| c.metadata.deletion_timestamp = now.clone());
    let pod = Key::new(Kind::of::<Pod>(), "shop", "web");
    model.change::<Pod>(&pod, |p| {
        p.metadata.deletion_timestamp = now.clone();
        p.metadata.deletion_grace_period_seconds = Some(30);
    });
    assert_snapshot!(claim::plan(&model.view, &claim, model.now), @"");
    model.change::<Pod>(&pod, |p| p.metadata.deletion_grace_period_seconds = Some(0));
    assert_snapshot!(claim::plan(&model.view, &claim, model.now), @"update PersistentVolumeClaim shop/web-scratch: no pod uses it any more");
}

#[test]
fn a_bound_claim_grows_where_its_class_lets_it() {
    let mut model = model("Immediate", "Delete");
    claim(&mut model, &json!({}));
    settle(&mut model);
    let ask = |model: &mut Model| {
        model.change::<PersistentVolumeClaim>(&key(), |c| {
            let requests = c.spec.as_mut().unwrap().resources.as_mut().unwrap().requests.as_mut().unwrap();
            requests.get_mut("storage").unwrap().0 = "2Gi".to_owned();
        });
    };
    ask(&mut model);
    assert!(claim::plan(&model.view, &key(), model.now).to_string().contains("VolumeResizeFailed"));
    let class = Key::new(Kind::of::<StorageClass>(), "", "standard");
    model.change::<StorageClass>(&class, |c| c.allow_volume_expansion = Some(true));
    model.change::<PersistentVolumeClaim>(&key(), |c| {
        c.spec.as_mut().unwrap().storage_class_name = Some("standard".to_owned());
    });
    settle(&mut model);
    let grown = model.view.get::<PersistentVolumeClaim>("shop", "data").unwrap().status.clone().unwrap().capacity;
    assert_eq!(grown.unwrap()["storage"].0, "2Gi");
}
