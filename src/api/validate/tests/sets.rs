//! StatefulSets, DaemonSets, ReplicationControllers and their revisions.

use serde_json::{Value, json};

use super::{creates, updates};

fn workload(mounts: &Value) -> Value {
    json!({"metadata": {"name": "db"}, "spec": {
        "selector": {"matchLabels": {"app": "db"}},
        "template": {"metadata": {"labels": {"app": "db"}},
            "spec": {"containers": [{"name": "c", "image": "postgres", "volumeMounts": mounts}]}},
    }})
}

fn stateful() -> Value {
    let mut set = workload(&json!([{"name": "data", "mountPath": "/data"}]));
    set["spec"]["serviceName"] = json!("db");
    let claim = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
    set["spec"]["volumeClaimTemplates"] = json!([{"metadata": {"name": "data"}, "spec": claim}]);
    set
}

#[test]
fn stateful_sets() {
    creates(
        "StatefulSet",
        &stateful(),
        &[
            ("/metadata/name", json!("a.b"), "metadata.name: Invalid value: \"a.b\": a lowercase RFC 1123 label"),
            (
                "/metadata/name",
                json!("d".repeat(62)),
                Box::leak(
                    format!(
                        "metadata.name: Invalid value: \"{}\": the names of its pods, with their ordinals, must be no more than 63 bytes",
                        "d".repeat(62)
                    )
                    .into_boxed_str(),
                ),
            ),
            (
                "/spec/podManagementPolicy",
                json!("Random"),
                "spec.podManagementPolicy: Unsupported value: \"Random\": supported values: \"OrderedReady\", \"Parallel\"",
            ),
            (
                "/spec/ordinals",
                json!({"start": -1}),
                "spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0",
            ),
            (
                "/spec/persistentVolumeClaimRetentionPolicy",
                json!({"whenScaled": "Drop"}),
                "spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: \"Drop\": supported values: \
                 \"Delete\", \"Retain\"",
            ),
            (
                "/spec/volumeClaimTemplates",
                json!(null),
                "spec.template.spec.containers[0].volumeMounts[0].name: Not found: \"data\"",
            ),
            (
                "/spec/volumeClaimTemplates/0/spec/accessModes",
                json!([]),
                "spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required",
            ),
            (
                "/spec/volumeClaimTemplates/1",
                stateful()["spec"]["volumeClaimTemplates"][0].clone(),
                "spec.volumeClaimTemplates[1].metadata.name: Duplicate value: \"data\"",
            ),
        ],
    );
}

#[test]
fn update_strategies_of_stateful_sets() {
    let strategy = "/spec/updateStrategy";
    creates(
        "StatefulSet",
        &stateful(),
        &[
            (
                strategy,
                json!({"type": "Recreate"}),
                "spec.updateStrategy: Invalid value: {\"type\":\"Recreate\"}: must be 'RollingUpdate' or 'OnDelete'",
            ),
            (
                strategy,
                json!({"type": "OnDelete", "rollingUpdate": {"partition": 1}}),
                "spec.updateStrategy.rollingUpdate: Invalid value: {\"partition\":1}: only allowed for updateStrategy 'RollingUpdate'",
            ),
            (
                strategy,
                json!({"rollingUpdate": {"partition": -1}}),
                "spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0",
            ),
            (
                strategy,
                json!({"rollingUpdate": {"maxUnavailable": 0}}),
                "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0",
            ),
            (
                strategy,
                json!({"rollingUpdate": {"maxUnavailable": "120%"}}),
                "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: \"120%\": must not be greater than 100%",
            ),
        ],
    );
}

#[test]
fn what_a_stateful_set_keeps() {
    const IMMUTABLE: &str = "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', \
        'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and \
        'minReadySeconds' are forbidden";
    updates(
        "StatefulSet",
        &stateful(),
        &[
            ("/spec/replicas", json!(3), ""),
            ("/spec/template/spec/containers/0/image", json!("postgres:17"), ""),
            ("/spec/updateStrategy", json!({"type": "OnDelete"}), ""),
            ("/spec/ordinals", json!({"start": 5}), ""),
            ("/spec/serviceName", json!("other"), IMMUTABLE),
            ("/spec/podManagementPolicy", json!("Parallel"), IMMUTABLE),
            ("/spec/volumeClaimTemplates/0/spec/resources/requests/storage", json!("2Gi"), IMMUTABLE),
        ],
    );
}

#[test]
fn daemon_sets() {
    let path = "/spec/updateStrategy";
    creates(
        "DaemonSet",
        &workload(&json!([])),
        &[
            (path, json!({"type": "OnDelete"}), ""),
            (path, json!({"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}), ""),
            (
                path,
                json!({"rollingUpdate": {"maxSurge": 0, "maxUnavailable": "0%"}}),
                "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0",
            ),
            (
                path,
                json!({"rollingUpdate": {"maxSurge": 1}}),
                "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero",
            ),
            (
                path,
                json!({"type": "Recreate"}),
                "spec.updateStrategy.type: Unsupported value: \"Recreate\": supported values: \"RollingUpdate\", \"OnDelete\"",
            ),
        ],
    );
    updates(
        "DaemonSet",
        &workload(&json!([])),
        &[(
            "/spec/selector/matchLabels",
            json!({}),
            "spec.selector: Invalid value: {\"matchLabels\":{}}: empty selector is invalid for daemonset",
        )],
    );
}

#[test]
fn replication_controllers_take_their_pods_labels() {
    let mut old = workload(&json!([]));
    old["spec"]["selector"] = json!({"app": "db"});
    creates(
        "ReplicationController",
        &old,
        &[
            ("/spec/selector", json!(null), ""),
            (
                "/spec/selector",
                json!({"app": "web"}),
                "spec.template.metadata.labels: Invalid value: {\"app\":\"db\"}: `selector` does not match template `labels`",
            ),
            ("/spec/template", json!(null), "spec.template: Required value"),
        ],
    );
    updates("ReplicationController", &old, &[("/spec/template/metadata/labels/tier", json!("back"), "")]);
}

#[test]
fn what_a_revision_holds_stays() {
    let revision = json!({"metadata": {"name": "db-1"}, "revision": 1, "data": {"spec": {}}});
    creates(
        "ControllerRevision",
        &revision,
        &[("/revision", json!(-1), "revision: Invalid value: -1: must be greater than or equal to 0")],
    );
    updates(
        "ControllerRevision",
        &revision,
        &[
            ("/revision", json!(4), ""),
            ("/data/spec", json!({"x": 1}), "data: Invalid value: {\"spec\":{\"x\":1}}: field is immutable"),
        ],
    );
}
