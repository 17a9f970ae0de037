//! Volumes of pods, from manifests.

use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolume, PersistentVolumeClaim, Secret};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;
use crate::kubelet::volumes::sandbox_mounts;

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

fn translated(volume: &Value, mounts: &Value) -> Result<Vec<PodVolume>, Missing> {
    let mut volume = volume.clone();
    volume["name"] = json!("v");
    let spec = json!({"volumes": [volume], "containers": [{"name": "c", "volumeMounts": mounts}]});
    let metadata = json!({"name": "web-1", "namespace": "shop", "uid": "0123456789"});
    translate(&view(), &of(json!({"metadata": metadata, "spec": spec})), "box")
}

fn text(volumes: &[Value]) -> String {
    let each = |volume: &Value| match translated(volume, &json!([])) {
        Ok(v) => format!("{:?} read-only={} {:?}\n", v[0].source, v[0].read_only, v[0].prepare),
        Err(e) => format!("{e}\n"),
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
    ]);
    insta::assert_snapshot!(found, @r#"
    State("pods/0123456789/volumes/v") read-only=false Directory { path: "pods/0123456789/volumes/v", mode: 511 }
    State("pods/0123456789/volumes/v") read-only=true Files { path: "pods/0123456789/volumes/v", files: {"a.conf": 0644, 3 bytes, "b.conf": 0644, 3 bytes, "logo": 0644, 1 bytes} }
    State("pods/0123456789/volumes/v") read-only=true Files { path: "pods/0123456789/volumes/v", files: {"b": 0400, 3 bytes, "sub/a": 0600, 3 bytes} }
    State("pods/0123456789/volumes/v") read-only=true Files { path: "pods/0123456789/volumes/v", files: {} }
    HostDirectory("/srv") read-only=false Nothing
    Host("/run/docker.sock") read-only=false Nothing
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
    ]);
    let labels = r#"{"wharf.node": "box", "wharf.uid": "0123456789"}"#;
    let found = found.replace(labels, "POD").replace(r#"{"wharf.node": "box"}"#, "NODE");
    insta::assert_snapshot!(found, @r#"
    Volume("box.shop.web-1.v.01234567") read-only=false Memory { spec: VolumeSpec { name: "box.shop.web-1.v.01234567", driver: "local", options: {"device": "tmpfs", "o": "mode=0777,size=1048576", "type": "tmpfs"}, labels: POD }, files: None }
    Volume("box.shop.web-1.v.01234567") read-only=true Memory { spec: VolumeSpec { name: "box.shop.web-1.v.01234567", driver: "local", options: {"device": "tmpfs", "o": "mode=0755", "type": "tmpfs"}, labels: POD }, files: Some({"pw": 0400, 6 bytes}) }
    Volume("box.shop.docker") read-only=false Volume(VolumeSpec { name: "box.shop.docker", driver: "local", options: {"o": "bind,noatime", "type": "none"}, labels: {"wharf.node": "box", "wharf.volume": "pv-docker"} })
    Host("/srv") read-only=true Nothing
    Host("/disk") read-only=false Nothing
    Volume("box.nfs.7q459xvktl") read-only=false Volume(VolumeSpec { name: "box.nfs.7q459xvktl", driver: "local", options: {"device": ":/x", "o": "addr=nas,rw,nfsvers=4", "type": "nfs"}, labels: NODE })
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
    volume "v": medium HugePages is not supported
    persistentvolumeclaim "no" not found
    persistentvolumeclaim "late" is not bound
    persistentvolume "pv-lost" not found
    persistentvolume "pv-csi" needs a CSI driver that wharf does not have
    persistentvolume "pv-raw" is a block device, which wharf does not mount
    volume "v" is of a type that wharf does not have
    "#);
}

#[test]
fn the_sandbox_holds_what_is_filled_there() {
    let part =
        json!([{"name": "v", "mountPath": "/a", "subPath": "x/./y"}, {"name": "v", "mountPath": "/b", "subPath": ""}]);
    let held = |volume: Value, mounts: &Value| {
        let volumes = translated(&volume, mounts).unwrap();
        (sandbox_mounts(&volumes).first().map(|m| m.target.clone()), volumes[0].sub_paths.clone())
    };
    let here = Some("/wharf-volumes/v".to_owned());
    let paths = BTreeSet::from(["x/y".to_owned()]);
    let docker = json!({"persistentVolumeClaim": {"claimName": "docker"}});
    assert_eq!(held(json!({"secret": {"secretName": "keys"}}), &json!([])), (here.clone(), BTreeSet::new()));
    assert_eq!(held(docker.clone(), &json!([])), (None, BTreeSet::new()));
    assert_eq!(held(docker, &part), (here, paths.clone()));
    assert_eq!(held(json!({"emptyDir": {}}), &part), (None, paths));
}
