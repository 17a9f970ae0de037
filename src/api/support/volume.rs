//! The volumes of pods, and how containers mount them.

use super::row::{Table, not, only, yes};

const CLOUD: &str =
    "it is a cloud's or a storage system's own; make a PersistentVolume or a StorageClass of Docker volumes";

pub(super) const TABLE: Table = &[
    (
        "VolumeMount",
        &[
            yes(&["mountPath", "mountPropagation", "name", "readOnly", "subPath", "subPathExpr"]),
            only(
                &["recursiveReadOnly"],
                &["Disabled", "IfPossible"],
                "Docker 20.10 makes the volume read-only, and not what is mounted inside it",
            ),
        ],
    ),
    (
        "Volume",
        &[
            yes(&["name", "emptyDir", "hostPath", "configMap", "secret", "persistentVolumeClaim", "nfs"]),
            yes(&["downwardAPI", "ephemeral", "image", "projected"]),
            not(&["gitRepo"], "Kubernetes has taken it out; clone in an init container"),
            not(&["csi"], "wharf has no CSI drivers, only Docker volumes"),
            not(&["*"], CLOUD),
        ],
    ),
    (
        "EmptyDirVolumeSource",
        &[only(&["medium"], &["", "Memory"], "the Docker host's huge pages are not shared out"), yes(&["sizeLimit"])],
    ),
    ("HostPathVolumeSource", &[yes(&["path", "type"])]),
    ("ConfigMapVolumeSource", &[yes(&["defaultMode", "items", "name", "optional"])]),
    ("SecretVolumeSource", &[yes(&["defaultMode", "items", "optional", "secretName"])]),
    ("KeyToPath", &[yes(&["key", "mode", "path"])]),
    ("DownwardAPIVolumeSource", &[yes(&["defaultMode", "items"])]),
    ("DownwardAPIVolumeFile", &[yes(&["fieldRef", "mode", "path", "resourceFieldRef"])]),
    ("ProjectedVolumeSource", &[yes(&["defaultMode", "sources"])]),
    (
        "VolumeProjection",
        &[
            yes(&["configMap", "downwardAPI", "secret", "serviceAccountToken"]),
            not(&["clusterTrustBundle"], "the node has no cluster trust bundles"),
            not(&["podCertificate"], "the node signs no certificates of pods"),
        ],
    ),
    ("ConfigMapProjection", &[yes(&["items", "name", "optional"])]),
    ("SecretProjection", &[yes(&["items", "name", "optional"])]),
    ("DownwardAPIProjection", &[yes(&["items"])]),
    ("ServiceAccountTokenProjection", &[yes(&["audience", "expirationSeconds", "path"])]),
    ("PersistentVolumeClaimVolumeSource", &[yes(&["claimName", "readOnly"])]),
    ("ImageVolumeSource", &[yes(&["pullPolicy", "reference"])]),
    ("EphemeralVolumeSource", &[yes(&["volumeClaimTemplate"])]),
    ("PersistentVolumeClaimTemplate", &[yes(&["metadata", "spec"])]),
];
