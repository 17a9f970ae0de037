//! Claims, volumes and storage classes.

use super::meta::{OBJECT, STATUS};
use super::row::{Table, moot, not, only, yes};

const FILES: &str = "Docker volumes are file systems";

pub(super) const TABLE: Table = &[
    ("PersistentVolumeClaim", &[OBJECT, STATUS, yes(&["spec"])]),
    (
        "PersistentVolumeClaimSpec",
        &[
            yes(&["accessModes", "resources", "storageClassName", "volumeName"]),
            only(&["volumeMode"], &["Filesystem"], FILES),
            yes(&["selector"]),
            not(&["dataSource", "dataSourceRef"], "Docker does not copy volumes"),
        ],
    ),
    (
        "VolumeResourceRequirements",
        &[yes(&["requests"]), moot(&["limits"], &[], "the size of a Docker volume is not limited")],
    ),
    ("PersistentVolume", &[OBJECT, STATUS, yes(&["spec"])]),
    (
        "PersistentVolumeSpec",
        &[
            yes(&["accessModes", "capacity", "claimRef", "hostPath", "local", "nfs", "csi"]),
            yes(&["mountOptions", "storageClassName"]),
            only(&["persistentVolumeReclaimPolicy"], &["Delete", "Retain"], "Kubernetes has given Recycle up"),
            only(&["volumeMode"], &["Filesystem"], FILES),
            moot(&["nodeAffinity"], &[], "there is one node"),
        ],
    ),
    (
        "CSIPersistentVolumeSource",
        &[
            yes(&["readOnly", "volumeAttributes", "volumeHandle"]),
            only(&["driver"], &["wharf.dev/docker-volume"], "wharf has no CSI drivers, only Docker volumes"),
        ],
    ),
    ("LocalVolumeSource", &[yes(&["path"])]),
    ("NFSVolumeSource", &[yes(&["path", "readOnly", "server"])]),
    (
        "StorageClass",
        &[
            OBJECT,
            yes(&["allowVolumeExpansion", "mountOptions", "parameters", "reclaimPolicy", "volumeBindingMode"]),
            only(
                &["provisioner"],
                &["wharf.dev/docker-volume", "kubernetes.io/no-provisioner"],
                "wharf provisions Docker volumes, as wharf.dev/docker-volume",
            ),
            moot(&["allowedTopologies"], &[], "there is one node"),
        ],
    ),
];
