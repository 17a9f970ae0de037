//! Deployments and what else makes pods.

use super::meta::{OBJECT, STATUS};
use super::row::{Table, yes};

pub(super) const TABLE: Table = &[
    ("Deployment", &[OBJECT, STATUS, yes(&["spec"])]),
    (
        "DeploymentSpec",
        &[yes(&[
            "minReadySeconds",
            "paused",
            "progressDeadlineSeconds",
            "replicas",
            "revisionHistoryLimit",
            "selector",
            "strategy",
            "template",
        ])],
    ),
    ("DeploymentStrategy", &[yes(&["rollingUpdate", "type"])]),
    ("RollingUpdateDeployment", &[yes(&["maxSurge", "maxUnavailable"])]),
    ("ReplicaSet", &[OBJECT, STATUS, yes(&["spec"])]),
    ("ReplicaSetSpec", &[yes(&["minReadySeconds", "replicas", "selector", "template"])]),
    ("ReplicationController", &[OBJECT, STATUS, yes(&["spec"])]),
    ("ReplicationControllerSpec", &[yes(&["minReadySeconds", "replicas", "selector", "template"])]),
    ("StatefulSet", &[OBJECT, STATUS, yes(&["spec"])]),
    (
        "StatefulSetSpec",
        &[
            yes(&["minReadySeconds", "ordinals", "persistentVolumeClaimRetentionPolicy", "podManagementPolicy"]),
            yes(&["replicas", "revisionHistoryLimit", "selector", "serviceName", "template", "updateStrategy"]),
            yes(&["volumeClaimTemplates"]),
        ],
    ),
    ("StatefulSetOrdinals", &[yes(&["start"])]),
    ("StatefulSetPersistentVolumeClaimRetentionPolicy", &[yes(&["whenDeleted", "whenScaled"])]),
    ("StatefulSetUpdateStrategy", &[yes(&["rollingUpdate", "type"])]),
    ("RollingUpdateStatefulSetStrategy", &[yes(&["maxUnavailable", "partition"])]),
    ("DaemonSet", &[OBJECT, STATUS, yes(&["spec"])]),
    ("DaemonSetSpec", &[yes(&["minReadySeconds", "revisionHistoryLimit", "selector", "template", "updateStrategy"])]),
    ("DaemonSetUpdateStrategy", &[yes(&["rollingUpdate", "type"])]),
    ("RollingUpdateDaemonSet", &[yes(&["maxSurge", "maxUnavailable"])]),
    ("ControllerRevision", &[OBJECT, yes(&["data", "revision"])]),
    ("PodTemplateSpec", &[yes(&["metadata", "spec"])]),
];
