//! How lists and maps of Kubernetes' types merge: the `x-kubernetes-list-type`s of its OpenAPI document, as a table.
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy>

use serde_json::Value;

/// How a list merges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListType {
    /// As one value.
    Atomic,
    /// By the values themselves.
    Set,
    /// By the values of these fields.
    Map(&'static [&'static str]),
}

/// Lists that do not merge as one value: the field that they stand in (`*` for any), their own field, their type.
#[rustfmt::skip]
const LISTS: &[(&str, &str, ListType)] = &[
    ("*", "containers", ListType::Map(&["name"])),
    ("*", "initContainers", ListType::Map(&["name"])),
    ("*", "ephemeralContainers", ListType::Map(&["name"])),
    ("containers", "ports", ListType::Map(&["containerPort", "protocol"])),
    ("initContainers", "ports", ListType::Map(&["containerPort", "protocol"])),
    ("*", "env", ListType::Map(&["name"])),
    ("*", "volumeMounts", ListType::Map(&["mountPath"])),
    ("*", "volumeDevices", ListType::Map(&["devicePath"])),
    ("resources", "claims", ListType::Map(&["name"])),
    ("spec", "volumes", ListType::Map(&["name"])),
    ("spec", "imagePullSecrets", ListType::Map(&["name"])),
    ("spec", "hostAliases", ListType::Map(&["ip"])),
    ("spec", "topologySpreadConstraints", ListType::Map(&["topologyKey", "whenUnsatisfiable"])),
    ("spec", "resourceClaims", ListType::Map(&["name"])),
    ("spec", "schedulingGates", ListType::Map(&["name"])),
    ("spec", "ports", ListType::Map(&["port", "protocol"])),
    ("spec", "podCIDRs", ListType::Set),
    ("status", "conditions", ListType::Map(&["type"])),
    ("status", "podIPs", ListType::Map(&["ip"])),
    ("status", "addresses", ListType::Map(&["type"])),
    ("metadata", "ownerReferences", ListType::Map(&["uid"])),
    ("metadata", "finalizers", ListType::Set),
    ("", "secrets", ListType::Map(&["name"])),
];

/// Objects that merge as one value.
#[rustfmt::skip]
const ATOMIC_OBJECTS: &[&str] = &[
    "selector", "labelSelector", "nodeSelector", "configMapKeyRef", "secretKeyRef", "fieldRef", "resourceFieldRef",
    "secretRef", "dataSource",
];

/// Values that a key of a list takes where it is left out.
const KEY_DEFAULTS: &[(&str, &str)] = &[("protocol", "TCP")];

/// How the list in `field`, which stands in `parent`, merges.
pub fn list_type(parent: &str, field: &str) -> ListType {
    let row = LISTS.iter().find(|(p, f, _)| *f == field && (*p == "*" || *p == parent));
    row.map_or(ListType::Atomic, |row| row.2)
}

/// Whether the object in `field` merges as one value.
pub fn is_atomic(field: &str) -> bool {
    ATOMIC_OBJECTS.contains(&field)
}

/// The names of all items of a list in the form of managed fields (`k:{"name":"web"}`, `v:"x"`); `None` where the list
/// has to be taken as one value, because of its type, or as an item has no name or one that another has too.
pub fn item_names(parent: &str, field: &str, items: &[Value]) -> Option<Vec<String>> {
    let list = list_type(parent, field);
    let names = items.iter().map(|item| item_name(list, item)).collect::<Option<Vec<_>>>()?;
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    (distinct.len() == names.len()).then_some(names)
}

fn item_name(list: ListType, item: &Value) -> Option<String> {
    let keys = match list {
        ListType::Atomic => return None,
        ListType::Set => return Some(format!("v:{item}")),
        ListType::Map(keys) => keys,
    };
    let mut name = serde_json::Map::new();
    for key in keys {
        let default = || KEY_DEFAULTS.iter().find(|(k, _)| k == key).map(|(_, v)| Value::from(*v));
        name.insert((*key).to_owned(), item.as_object()?.get(*key).cloned().or_else(default)?);
    }
    Some(format!("k:{}", Value::Object(name)))
}
