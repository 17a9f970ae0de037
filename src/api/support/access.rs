//! Roles and their bindings.

use super::meta::OBJECT;
use super::row::{Table, yes};

pub(super) const TABLE: Table = &[
    ("Role", &[OBJECT, yes(&["rules"])]),
    ("ClusterRole", &[OBJECT, yes(&["aggregationRule", "rules"])]),
    ("AggregationRule", &[yes(&["clusterRoleSelectors"])]),
    ("PolicyRule", &[yes(&["apiGroups", "nonResourceURLs", "resourceNames", "resources", "verbs"])]),
    ("RoleBinding", &[OBJECT, yes(&["roleRef", "subjects"])]),
    ("ClusterRoleBinding", &[OBJECT, yes(&["roleRef", "subjects"])]),
    ("RoleRef", &[yes(&["apiGroup", "kind", "name"])]),
    ("Subject", &[yes(&["apiGroup", "kind", "name", "namespace"])]),
];
