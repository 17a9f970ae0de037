//! The volumes of pods, and how containers mount them.

use serde_json::{Value, json};

use super::{mutated, problems};

fn pod(volume: &Value) -> Value {
    let mut volume = volume.clone();
    volume["name"] = json!("v");
    json!({"metadata": {"name": "p", "namespace": "default"}, "spec": {
        "containers": [{"name": "c", "image": "x", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}],
        "volumes": [volume],
    }})
}

/// Checks that the pod is good, and each mutation of it bad in the expected words.
fn check(good: &Value, rows: &[(&str, Value, &str)]) {
    assert_eq!(problems("Pod", good, None), "");
    for (pointer, value, expected) in rows {
        assert_eq!(problems("Pod", &mutated(good, pointer, value), None), *expected, "{pointer} = {value}");
    }
}

#[test]
fn projected() {
    let fields = json!([{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]);
    let sources = json!([
        {"serviceAccountToken": {"path": "token", "expirationSeconds": 600}},
        {"configMap": {"name": "ca", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": fields}},
        {"secret": {"name": "s"}},
    ]);
    let at = |rest: &str| format!("/spec/volumes/0/projected/sources/{rest}");
    let path = "spec.volumes[0].projected";
    let short = "may not specify a duration less than 10 minutes";
    let long = "may not specify a duration larger than 2^32 seconds";
    check(
        &pod(&json!({"projected": {"sources": sources}})),
        &[
            (
                &at("0/serviceAccountToken/expirationSeconds"),
                json!(599),
                &format!("{path}.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 599: {short}"),
            ),
            (
                &at("0/serviceAccountToken/expirationSeconds"),
                json!(4_294_967_297_i64),
                &format!("{path}.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 4294967297: {long}"),
            ),
            (
                &at("0/serviceAccountToken/path"),
                json!(""),
                &format!("{path}.sources[0].serviceAccountToken.path: Required value"),
            ),
            (
                &at("0/secret"),
                json!({"name": "s"}),
                &format!("{path}.sources[0]: Forbidden: may not specify more than 1 volume type in source"),
            ),
            (&at("4"), json!({}), &format!("{path}.sources[4]: Required value: must specify a volume type in source")),
            (
                &at("1/configMap/items/0/path"),
                json!("token"),
                &format!("{path}: Invalid value: \"ca\": conflicting duplicate paths"),
            ),
            (
                &at("1/configMap/items/0/path"),
                json!("../x"),
                &format!("{path}.sources[1].configMap.items[0].path: Invalid value: \"../x\": must not contain '..'"),
            ),
            (&at("3/secret/name"), json!(""), &format!("{path}.sources[3].secret.name: Required value")),
            (
                &at("3/secret/items"),
                json!([{"key": "k", "path": "k", "mode": 0o1000}]),
                &format!(
                    "{path}.sources[3].secret.items[0].mode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive"
                ),
            ),
            (
                &at("2/downwardAPI/items/0/path"),
                json!("ca.crt"),
                &format!("{path}: Invalid value: \"\": conflicting duplicate paths"),
            ),
            (
                "/spec/volumes/0/projected/defaultMode",
                json!(-1),
                &format!(
                    "{path}.defaultMode: Invalid value: -1: must be a number between 0 and 0777 (octal), both inclusive"
                ),
            ),
        ],
    );
}

#[test]
fn downward_api() {
    let items = json!([{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]);
    let at = "/spec/volumes/0/downwardAPI/items/0";
    let path = "spec.volumes[0].downwardAPI.items[0]";
    let memory = json!({"containerName": "c", "resource": "limits.memory"});
    let fields =
        "\"metadata.annotations\", \"metadata.labels\", \"metadata.name\", \"metadata.namespace\", \"metadata.uid\"";
    check(
        &pod(&json!({"downwardAPI": {"items": items}})),
        &[
            (
                &format!("{at}/fieldRef"),
                json!(null),
                &format!("{path}: Required value: one of fieldRef and resourceFieldRef is required"),
            ),
            (
                &format!("{at}/resourceFieldRef"),
                memory.clone(),
                &format!(
                    "{path}: Invalid value: \"resource\": fieldRef and resourceFieldRef can not be specified simultaneously"
                ),
            ),
            (at, json!({"path": "a", "resourceFieldRef": memory}), ""),
            (
                at,
                json!({"path": "a", "resourceFieldRef": {"resource": "limits.cpu"}}),
                &format!("{path}.resourceFieldRef.containerName: Required value"),
            ),
            (
                &format!("{at}/fieldRef/fieldPath"),
                json!("status.podIP"),
                &format!("{path}.fieldRef.fieldPath: Unsupported value: \"status.podIP\": supported values: {fields}"),
            ),
            (&format!("{at}/fieldRef/fieldPath"), json!("metadata.annotations['a/b']"), ""),
            (
                &format!("{at}/path"),
                json!("..x"),
                &format!("{path}.path: Invalid value: \"..x\": must not start with '..'"),
            ),
        ],
    );
}

#[test]
fn other_types() {
    let at = "spec.volumes[0]";
    let claim = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
    let template = format!("{at}.ephemeral.volumeClaimTemplate");
    check(
        &pod(&json!({"ephemeral": {"volumeClaimTemplate": {"metadata": {"labels": {"a": "b"}}, "spec": claim}}})),
        &[
            ("/spec/volumes/0/ephemeral/volumeClaimTemplate", json!(null), &format!("{template}: Required value")),
            (
                "/spec/volumes/0/ephemeral/volumeClaimTemplate/spec/accessModes",
                json!([]),
                &format!("{template}.spec.accessModes: Required value: at least 1 access mode is required"),
            ),
            (
                "/spec/volumes/0/ephemeral/volumeClaimTemplate/spec/accessModes",
                json!(["ReadWriteOncePod", "ReadWriteMany"]),
                &format!(
                    "{template}.spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"
                ),
            ),
        ],
    );
    check(
        &pod(&json!({"nfs": {"server": "nas", "path": "/x"}})),
        &[
            (
                "/spec/volumes/0/nfs/path",
                json!("x"),
                &format!("{at}.nfs.path: Invalid value: \"x\": must be an absolute path"),
            ),
            ("/spec/volumes/0/nfs/server", json!(""), &format!("{at}.nfs.server: Required value")),
            (
                "/spec/volumes/0",
                json!({"name": "v", "image": {"pullPolicy": "Always"}}),
                &format!("{at}.image.reference: Required value"),
            ),
            (
                "/spec/volumes/0",
                json!({"name": "v", "hostPath": {"path": "x"}}),
                &format!("{at}.hostPath.path: Invalid value: \"x\": must be an absolute path"),
            ),
        ],
    );
}

#[test]
fn mounts() {
    let at = "/spec/containers/0/volumeMounts/0";
    let path = "spec.containers[0].volumeMounts[0]";
    check(
        &pod(&json!({"emptyDir": {}})),
        &[
            (
                &format!("{at}/mountPropagation"),
                json!("Bidirectional"),
                &format!(
                    "{path}.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers"
                ),
            ),
            (&format!("{at}/mountPropagation"), json!("HostToContainer"), ""),
            (
                &format!("{at}/recursiveReadOnly"),
                json!("IfPossible"),
                &format!("{path}.recursiveReadOnly: Forbidden: may only be specified when readOnly is true"),
            ),
            (at, json!({"name": "v", "mountPath": "/v", "readOnly": true, "recursiveReadOnly": "IfPossible"}), ""),
            (
                &format!("{at}/subPathExpr"),
                json!("../$(POD)"),
                &format!("{path}.subPathExpr: Invalid value: \"../$(POD)\": must not contain '..'"),
            ),
        ],
    );
}
