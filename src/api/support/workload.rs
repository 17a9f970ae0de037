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
    ("PodTemplateSpec", &[yes(&["metadata", "spec"])]),
];
