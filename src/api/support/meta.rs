//! Names, labels, owners; plain data: config maps, secrets, events, namespaces, nodes.

use super::row::{Row, Table, moot, not, yes};

/// What every object has.
pub(super) const OBJECT: Row = yes(&["apiVersion", "kind", "metadata"]);
/// The node writes the status.
pub(super) const STATUS: Row = moot(&["status"], &[], "the node writes the status itself");

pub(super) const TABLE: Table = &[
    (
        "ObjectMeta",
        &[
            yes(&["name", "namespace", "labels", "annotations", "ownerReferences", "finalizers", "generateName"]),
            moot(&["*"], &[], "the node sets it itself"),
        ],
    ),
    ("OwnerReference", &[yes(&["*"])]),
    ("LabelSelector", &[yes(&["matchLabels", "matchExpressions"])]),
    ("LabelSelectorRequirement", &[yes(&["key", "operator", "values"])]),
    ("ObjectReference", &[yes(&["*"])]),
    ("LocalObjectReference", &[yes(&["name"])]),
    ("ConfigMap", &[OBJECT, yes(&["data", "binaryData", "immutable"])]),
    ("Secret", &[OBJECT, yes(&["data", "stringData", "type", "immutable"])]),
    ("Namespace", &[OBJECT, STATUS, yes(&["spec"])]),
    ("NamespaceSpec", &[moot(&["finalizers"], &["kubernetes"], "deletion of a namespace waits for its objects only")]),
    (
        "ServiceAccount",
        &[
            OBJECT,
            moot(
                &["automountServiceAccountToken", "secrets"],
                &["false"],
                "a token is mounted where a volume asks for it",
            ),
            yes(&["imagePullSecrets"]),
        ],
    ),
    ("Node", &[OBJECT, STATUS, yes(&["spec"])]),
    ("NodeSpec", &[yes(&["taints", "unschedulable"]), not(&["*"], "there is one node, which describes itself")]),
    ("Taint", &[yes(&["effect", "key", "timeAdded", "value"])]),
    ("PriorityClass", &[OBJECT, yes(&["description", "globalDefault", "preemptionPolicy", "value"])]),
    ("RuntimeClass", &[OBJECT, yes(&["handler", "overhead", "scheduling"])]),
    ("Overhead", &[yes(&["podFixed"])]),
    ("Scheduling", &[yes(&["nodeSelector", "tolerations"])]),
    ("Event", &[yes(&["*"])]),
    ("EventSource", &[yes(&["*"])]),
    ("EventSeries", &[yes(&["*"])]),
];
