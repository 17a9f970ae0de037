//! Claims, volumes and classes of storage.

use serde_json::json;

use super::{creates, updates};

#[test]
fn claims() {
    let claim = json!({"metadata": {"name": "data"}, "spec": {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    creates(
        "PersistentVolumeClaim",
        &claim,
        &[
            ("/spec/accessModes", json!([]), "spec.accessModes: Required value: at least 1 access mode is required"),
            (
                "/spec/accessModes/0",
                json!("RWO"),
                "spec.accessModes: Unsupported value: \"RWO\": supported values: \"ReadOnlyMany\", \"ReadWriteMany\", \
             \"ReadWriteOnce\", \"ReadWriteOncePod\"",
            ),
            ("/spec/resources", json!(null), "spec.resources.requests[storage]: Required value"),
            (
                "/spec/resources/requests/storage",
                json!("0"),
                "spec.resources.requests[storage]: Invalid value: \"0\": must be greater than zero",
            ),
            ("/spec/storageClassName", json!(""), ""),
        ],
    );
    let immutable = "spec: Forbidden: spec is immutable after creation except resources.requests and \
                     volumeAttributesClassName for bound claims";
    updates(
        "PersistentVolumeClaim",
        &claim,
        &[
            ("/spec/accessModes/0", json!("ReadWriteMany"), immutable),
            ("/spec/volumeName", json!("pv-1"), ""),
            ("/spec/storageClassName", json!("standard"), ""),
            ("/spec/resources/requests/storage", json!("2Gi"), ""),
        ],
    );
    let mut bound = claim;
    bound["spec"]["volumeName"] = json!("pv-1");
    updates("PersistentVolumeClaim", &bound, &[("/spec/volumeName", json!("pv-2"), immutable)]);
}

#[test]
fn volumes() {
    let volume = json!({"metadata": {"name": "v"}, "spec": {"accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": "1Gi"}, "storageClassName": "standard", "hostPath": {"path": "/srv"}}});
    creates(
        "PersistentVolume",
        &volume,
        &[
            ("/spec/capacity", json!(null), "spec.capacity: Required value"),
            ("/spec/hostPath", json!(null), "spec: Required value: must specify a volume type"),
            (
                "/spec/nfs",
                json!({"server": "s", "path": "/"}),
                "spec.nfs: Forbidden: may not specify more than 1 volume type",
            ),
            (
                "/spec/persistentVolumeReclaimPolicy",
                json!("Keep"),
                "spec.persistentVolumeReclaimPolicy: Unsupported value: \"Keep\": supported values: \"Delete\", \"Recycle\", \"Retain\"",
            ),
        ],
    );
    updates(
        "PersistentVolume",
        &volume,
        &[
            (
                "/spec/hostPath/path",
                json!("/data"),
                "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation",
            ),
            ("/spec/claimRef", json!({"name": "data", "namespace": "shop"}), ""),
        ],
    );
}

#[test]
fn classes() {
    let class =
        json!({"metadata": {"name": "nfs"}, "provisioner": "wharf.dev/docker-volume", "parameters": {"a": "b"}});
    creates(
        "StorageClass",
        &class,
        &[
            ("/provisioner", json!(null), "provisioner: Required value"),
            (
                "/volumeBindingMode",
                json!("Later"),
                "volumeBindingMode: Unsupported value: \"Later\": supported values: \"Immediate\", \"WaitForFirstConsumer\"",
            ),
        ],
    );
    updates(
        "StorageClass",
        &class,
        &[
            ("/parameters/a", json!("c"), "parameters: Forbidden: updates to parameters are forbidden."),
            ("/provisioner", json!("other"), "provisioner: Forbidden: updates to provisioner are forbidden."),
        ],
    );
}
