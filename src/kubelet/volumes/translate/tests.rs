//! Volumes of pods, from manifests.

use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolume, PersistentVolumeClaim, Secret};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::claim;
use super::*;
use crate::kubelet::volumes::{orders, sandbox_mounts};

fn of<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn view() -> View {
    let config = json!({"metadata": {"name": "config", "namespace": "shop"}, "data": {"a.conf": "one", "b.conf": "two"},
        "binaryData": {"logo": "/w=="}});
    let mut view = View::of([of::<ConfigMap>(config)]);
    view.extend([of::<Secret>(json!({"metadata": {"name": "keys", "namespace": "shop"}, "data": {"pw": "c2VzYW1l"}}))]);
    let claim = |name: &str, phase: &str| {
        of::<PersistentVolumeClaim>(json!({"metadata": {"name": name, "namespace": "shop"},
            "spec": {"volumeName": format!("pv-{name}")}, "status": {"phase": phase}}))
    };
    let bound = ["docker", "host", "local", "nfs", "csi", "raw", "lost"].map(|name| claim(name, "Bound"));
    view.extend(bound.into_iter().chain([claim("late", "Pending")]));
    let volume = |name: &str, spec: Value| of::<PersistentVolume>(json!({"metadata": {"name": name}, "spec": spec}));
    let attributes = json!({"driver": "local", "type": "none", "o": "bind"});
    view.extend(vec![
        volume("pv-docker", json!({"csi": {"driver": claim::DOCKER_VOLUME_DRIVER, "volumeHandle": "box.shop.docker", "volumeAttributes": attributes}, "mountOptions": ["noatime"]})),
        volume("pv-host", json!({"hostPath": {"path": "/srv", "type": "Directory"}})),
        volume("pv-local", json!({"local": {"path": "/disk"}})),
        volume("pv-nfs", json!({"nfs": {"server": "nas", "path": "/x"}, "mountOptions": ["nfsvers=4"]})),
        volume("pv-csi", json!({"csi": {"driver": "ebs", "volumeHandle": "v"}})),
        volume("pv-raw", json!({"volumeMode": "Block", "local": {"path": "/dev/sdb"}})),
    ]);
    view
}

fn translated(volume: &Value, mounts: &Value) -> Result<Vec<PodVolume>, Unready> {
    in_pod(volume, &json!({"containers": [{"name": "c", "volumeMounts": mounts}]}))
}

fn in_pod(volume: &Value, spec: &Value) -> Result<Vec<PodVolume>, Unready> {
    let (mut volume, mut spec) = (volume.clone(), spec.clone());
    volume["name"] = json!("v");
    spec["volumes"] = json!([volume]);
    let metadata = json!({"name": "web-1", "namespace": "shop", "uid": "0123456789"});
    let images = BTreeMap::from([("v".to_owned(), "sha256:0123456789abcdef".to_owned())]);
    let given = Given { node: "box", tokens: &Tokens::default(), images: &images };
    translate(&view(), &of(json!({"metadata": metadata, "spec": spec})), &given)
}

fn text(volumes: &[Value]) -> String {
    let each = |volume: &Value| match translated(volume, &json!([])) {
        Ok(v) => {
            let PodVolume { source, read_only, prepare, order: Order { files, demand, .. }, .. } = &v[0];
            let files = files.as_ref().map(|files| format!(" {files:?}")).unwrap_or_default();
            let demand = demand.as_ref().map(|demand| format!(" {:?}", demand.kind)).unwrap_or_default();
            format!("{source:?} read-only={read_only} {prepare:?}{files}{demand}\n")
        }
        Err(Unready { why, .. }) => format!("{why}\n"),
    };
    volumes.iter().map(each).collect()
}

#[test]
fn files_and_directories() {
    let items = json!([{"key": "a.conf", "path": "sub/a", "mode": 0o600}, {"key": "b.conf", "path": "b"}]);
    let found = text(&[
        json!({"emptyDir": {}}),
        json!({"configMap": {"name": "config"}}),
        json!({"configMap": {"name": "config", "items": items, "defaultMode": 0o400}}),
        json!({"configMap": {"name": "no", "optional": true}}),
        json!({"hostPath": {"path": "/srv"}}),
        json!({"hostPath": {"path": "/run/docker.sock", "type": "Socket"}}),
        json!({"downwardAPI": {"items": [{"path": "name", "fieldRef": {"fieldPath": "metadata.name"}}]}}),
    ]);
    insta::assert_snapshot!(found, @r#"
    State("pods/0123456789/volumes/v") read-only=false Directory { path: "pods/0123456789/volumes/v", mode: 511 }
    State("pods/0123456789/volumes/v") read-only=true Files { path: "pods/0123456789/volumes/v" } {"a.conf": 0644, 3 bytes, "b.conf": 0644, 3 bytes, "logo": 0644, 1 bytes}
    State("pods/0123456789/volumes/v") read-only=true Files { path: "pods/0123456789/volumes/v" } {"b": 0400, 3 bytes, "sub/a": 0600, 3 bytes}
    State("pods/0123456789/volumes/v") read-only=true Files { path: "pods/0123456789/volumes/v" } {}
    HostDirectory("/srv") read-only=false Nothing
    Host("/run/docker.sock") read-only=false Nothing Socket
    State("pods/0123456789/volumes/v") read-only=true Files { path: "pods/0123456789/volumes/v" } {"name": 0644, 5 bytes}
    "#);
}

#[test]
fn volumes_of_the_engine() {
    let claim = |name: &str| json!({"persistentVolumeClaim": {"claimName": name}});
    let found = text(&[
        json!({"emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}}),
        json!({"secret": {"secretName": "keys", "defaultMode": 0o400}}),
        claim("docker"),
        json!({"persistentVolumeClaim": {"claimName": "host", "readOnly": true}}),
        claim("local"),
        claim("nfs"),
        json!({"image": {"reference": "busybox:1.36"}}),
    ]);
    let labels = r#"{"wharf.node": "box", "wharf.uid": "0123456789"}"#;
    let found = found.replace(labels, "POD").replace(r#"{"wharf.node": "box"}"#, "NODE");
    insta::assert_snapshot!(found, @r#"
    Volume("box.shop.web-1.v.01234567") read-only=false Memory(VolumeSpec { name: "box.shop.web-1.v.01234567", driver: "local", options: {"device": "tmpfs", "o": "mode=0777,size=1048576", "type": "tmpfs"}, labels: POD })
    Volume("box.shop.web-1.v.01234567") read-only=true Memory(VolumeSpec { name: "box.shop.web-1.v.01234567", driver: "local", options: {"device": "tmpfs", "o": "mode=0755", "type": "tmpfs"}, labels: POD }) {"pw": 0400, 6 bytes}
    Volume("box.shop.docker") read-only=false Volume(VolumeSpec { name: "box.shop.docker", driver: "local", options: {"o": "bind,noatime", "type": "none"}, labels: {"wharf.node": "box", "wharf.volume": "pv-docker"} })
    Host("/srv") read-only=true Nothing Directory
    Host("/disk") read-only=false Nothing
    Volume("box.nfs.7q459xvktl") read-only=false Volume(VolumeSpec { name: "box.nfs.7q459xvktl", driver: "local", options: {"device": ":/x", "o": "addr=nas,rw,nfsvers=4", "type": "nfs"}, labels: NODE })
    Volume("box.image.0123456789ab") read-only=true Image { id: "sha256:0123456789abcdef", spec: VolumeSpec { name: "box.image.0123456789ab", driver: "local", options: {}, labels: {"wharf.image": "sha256:0123456789abcdef", "wharf.node": "box"} } }
    "#);
}

#[test]
fn what_is_missing_is_named() {
    let claim = |name: &str| json!({"persistentVolumeClaim": {"claimName": name}});
    let found = text(&[
        json!({"configMap": {"name": "no"}}),
        json!({"configMap": {"name": "config", "items": [{"key": "no", "path": "x"}]}}),
        json!({"configMap": {"name": "config", "items": [{"key": "a.conf", "path": "../x"}]}}),
        json!({"secret": {"secretName": "no"}}),
        json!({"emptyDir": {"medium": "HugePages"}}),
        claim("no"),
        claim("late"),
        claim("lost"),
        claim("csi"),
        claim("raw"),
        json!({"gitRepo": {"repository": "x"}}),
    ]);
    insta::assert_snapshot!(found, @r#"
    configmap "no" not found
    configmap "config" references non-existent key: no
    path "../x" must be relative and not contain ".."
    secret "no" not found
    medium HugePages is not supported
    persistentvolumeclaim "no" not found
    persistentvolumeclaim "late" is not bound
    persistentvolume "pv-lost" not found
    persistentvolume "pv-csi" needs a CSI driver that wharf does not have
    persistentvolume "pv-raw" is a block device, which wharf does not mount
    it is of a type that wharf does not have
    "#);
}

#[test]
fn the_sandbox_holds_what_is_filled_there() {
    let part =
        json!([{"name": "v", "mountPath": "/a", "subPath": "x/./y"}, {"name": "v", "mountPath": "/b", "subPath": ""}]);
    let late = json!([{"name": "v", "mountPath": "/a", "subPathExpr": "$(POD)"}]);
    let shared = json!([{"name": "v", "mountPath": "/a", "mountPropagation": "HostToContainer"}]);
    let none = json!([]);
    let docker = json!({"persistentVolumeClaim": {"claimName": "docker"}});
    let table = [
        (json!({"secret": {"secretName": "keys"}}), &none),
        (json!({"secret": {"secretName": "keys"}}), &part),
        (docker.clone(), &none),
        (docker.clone(), &part),
        (docker.clone(), &late),
        (docker, &shared),
        (json!({"emptyDir": {}}), &part),
        (json!({"emptyDir": {}}), &late),
        (json!({"hostPath": {"path": "/srv"}}), &none),
        (json!({"hostPath": {"path": "/srv"}}), &part),
        (json!({"hostPath": {"path": "/srv", "type": "Directory"}}), &none),
    ];
    let line = |(volume, mounts): (Value, &Value)| {
        let volumes = translated(&volume, mounts).unwrap();
        let held = sandbox_mounts(&volumes).first().map(|m| format!("{} read-only={}", m.target, m.read_only));
        format!("{} {:?} parts {:?}", volume, held, volumes[0].order.parts)
    };
    insta::assert_snapshot!(table.map(line).join("\n"), @r#"
    {"secret":{"secretName":"keys"}} Some("/wharf-volumes/v read-only=false") parts {}
    {"secret":{"secretName":"keys"}} Some("/wharf-volumes/v read-only=false") parts {}
    {"persistentVolumeClaim":{"claimName":"docker"}} None parts {}
    {"persistentVolumeClaim":{"claimName":"docker"}} Some("/wharf-volumes/v read-only=false") parts {"x/y"}
    {"persistentVolumeClaim":{"claimName":"docker"}} Some("/wharf-volumes/v read-only=false") parts {}
    {"persistentVolumeClaim":{"claimName":"docker"}} Some("/wharf-volumes/v read-only=false") parts {}
    {"emptyDir":{}} None parts {"x/y"}
    {"emptyDir":{}} None parts {}
    {"hostPath":{"path":"/srv"}} None parts {}
    {"hostPath":{"path":"/srv"}} Some("/wharf-volumes/v read-only=false") parts {"x/y"}
    {"hostPath":{"path":"/srv","type":"Directory"}} Some("/wharf-volumes/v read-only=true") parts {}
    "#);
}

#[test]
fn a_group_gets_what_kubernetes_gives_it() {
    let claim = |name: &str| json!({"persistentVolumeClaim": {"claimName": name}});
    let read_only = json!({"persistentVolumeClaim": {"claimName": "docker", "readOnly": true}});
    let volumes = [
        json!({"emptyDir": {}}),
        json!({"emptyDir": {"medium": "Memory"}}),
        json!({"configMap": {"name": "config"}}),
        json!({"secret": {"secretName": "keys"}}),
        claim("docker"),
        claim("local"),
        read_only,
        claim("nfs"),
        claim("host"),
        json!({"hostPath": {"path": "/srv"}}),
    ];
    let line = |policy: Option<&str>, volume: &Value| {
        let context = json!({"fsGroup": 2000, "fsGroupChangePolicy": policy});
        let volumes = in_pod(volume, &json!({"containers": [{"name": "c"}], "securityContext": context})).unwrap();
        let Order { owner, .. } = &volumes[0].order;
        let by_sandbox = orders(&volumes).iter().any(|(_, order)| order.owner.is_some());
        let owner = owner.map(|o| format!("always={} read-only={} by-sandbox={by_sandbox}", o.always, o.read_only));
        format!("{} {}", volume, owner.unwrap_or_default())
    };
    let mut lines: Vec<_> = volumes.iter().map(|v| line(None, v)).collect();
    lines.extend([&volumes[0], &volumes[4]].map(|v| format!("{}, on root mismatch", line(Some("OnRootMismatch"), v))));
    insta::assert_snapshot!(lines.join("\n"), @r#"
    {"emptyDir":{}} always=true read-only=false by-sandbox=true
    {"emptyDir":{"medium":"Memory"}} always=true read-only=false by-sandbox=true
    {"configMap":{"name":"config"}} always=true read-only=true by-sandbox=false
    {"secret":{"secretName":"keys"}} always=true read-only=true by-sandbox=true
    {"persistentVolumeClaim":{"claimName":"docker"}} always=true read-only=false by-sandbox=true
    {"persistentVolumeClaim":{"claimName":"local"}} always=true read-only=false by-sandbox=true
    {"persistentVolumeClaim":{"claimName":"docker","readOnly":true}} 
    {"persistentVolumeClaim":{"claimName":"nfs"}} 
    {"persistentVolumeClaim":{"claimName":"host"}} 
    {"hostPath":{"path":"/srv"}} 
    {"emptyDir":{}} always=true read-only=false by-sandbox=true, on root mismatch
    {"persistentVolumeClaim":{"claimName":"docker"}} always=false read-only=false by-sandbox=true, on root mismatch
    "#);
}

#[test]
fn an_ephemeral_volume_is_the_claim_made_for_the_pod_and_no_other() {
    let volume = json!({"ephemeral": {"volumeClaimTemplate": {"spec": {}}}});
    let why = translated(&volume, &json!([])).unwrap_err().to_string();
    let words = "MountVolume.SetUp failed for volume \"v\" : persistentvolumeclaim \"web-1-v\" not found";
    assert_eq!(why, words);
    let claim = |owner: &str| {
        let owners = json!([{"apiVersion": "v1", "kind": "Pod", "name": "web-1", "uid": owner, "controller": true}]);
        of::<PersistentVolumeClaim>(
            json!({"metadata": {"name": "web-1-v", "namespace": "shop", "ownerReferences": owners},
            "spec": {"volumeName": "pv-docker"}, "status": {"phase": "Bound"}}),
        )
    };
    let pod: Pod = of(json!({"metadata": {"name": "web-1", "namespace": "shop", "uid": "u1"},
        "spec": {"containers": [], "volumes": [{"name": "v", "ephemeral": {}}]}}));
    let found = |owner: &str| {
        let mut view = view();
        view.extend([claim(owner)]);
        translate(&view, &pod, &Given { node: "box", tokens: &Tokens::default(), images: &BTreeMap::new() })
    };
    assert_eq!(found("u1").unwrap()[0].source, Source::Volume("box.shop.docker".to_owned()));
    let why = found("u0").unwrap_err().why.to_string();
    assert_eq!(why, "PVC shop/web-1-v was not created for pod shop/web-1 (pod is not owner)");
}
