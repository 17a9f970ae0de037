//! The table of kinds: one row each, and every verb reads it.

use std::any::Any;
use std::cmp::Ordering;
use std::sync::{Arc, LazyLock};

use k8s_openapi::api::apps::v1::{ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{
    ConfigMap, Endpoints, Event, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, ReplicationController,
    Secret, Service, ServiceAccount,
};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::{Ingress, IngressClass};
use k8s_openapi::api::node::v1::RuntimeClass;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use super::{Object, Problem, Schema, defaults, validate};

/// A decoded object, shared between views.
pub type Decoded = Arc<dyn Any + Send + Sync>;

/// One kind of the Kubernetes API: a row of [`KINDS`].
///
/// Kinds compare by group and kind. The functions are made from the kind's Rust type by the table.
pub struct Kind {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The version served and stored.
    pub version: &'static str,
    /// The kind as manifests write it, such as `Pod`.
    pub kind: &'static str,
    /// The lower-case plural of the REST path.
    pub plural: &'static str,
    /// The lower-case singular that kubectl accepts.
    pub singular: &'static str,
    /// kubectl's short names.
    pub short: &'static [&'static str],
    /// Whether objects live in a namespace.
    pub namespaced: bool,
    /// Whether `status` is written through its own subresource, and ignored elsewhere.
    pub status: bool,
    /// Whether the `scale` subresource exists.
    pub scale: bool,
    /// The fields that the kind has.
    pub schema: fn() -> &'static Schema,
    /// Decodes an object for a [`super::View`].
    pub decode: fn(&Value) -> Result<Decoded, serde_json::Error>,
    /// The metadata of an object that `decode` decoded.
    pub metadata: fn(&Decoded) -> Option<&ObjectMeta>,
    /// The JSON of an object that `decode` decoded.
    pub encode: fn(&Decoded) -> Option<Value>,
    /// Types, defaults and validates an object about to be written; `old` is the stored one in an update.
    ///
    /// # Errors
    /// Every problem found, as Kubernetes names them.
    pub admit: fn(&Value, Option<&Value>) -> Result<Value, Vec<Problem>>,
}

impl Kind {
    /// `v1` or `apps/v1`, as manifests write it.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    /// The row for an `apiVersion` and `kind`, if wharf has it.
    #[must_use]
    pub fn find(api_version: &str, kind: &str) -> Option<&'static Self> {
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        KINDS.iter().find(|k| k.group == group && k.version == version && k.kind == kind)
    }

    /// The row for a REST path's group, version and plural.
    #[must_use]
    pub fn by_path(group: &str, version: &str, plural: &str) -> Option<&'static Self> {
        KINDS.iter().find(|k| k.group == group && k.version == version && k.plural == plural)
    }

    /// The row for a name as kubectl's users type it: plural, singular, short name or kind, `name.group` too.
    #[must_use]
    pub fn by_word(word: &str) -> Option<&'static Self> {
        let word = word.to_ascii_lowercase();
        let (name, group) = word.split_once('.').map_or((word.as_str(), None), |(n, g)| (n, Some(g)));
        KINDS.iter().find(|k| {
            let named = k.plural == name || k.singular == name || k.short.contains(&name);
            named
                && group.is_none_or(|g| {
                    k.group == g || g.strip_prefix(k.version).is_some_and(|g| g == format!(".{}", k.group))
                })
        })
    }

    /// The row of a Rust type.
    ///
    /// # Panics
    /// If the type has no row: a broken invariant of the table.
    #[must_use]
    pub fn of<T: Object>() -> &'static Self {
        KINDS.iter().find(|k| k.group == T::GROUP && k.kind == T::KIND).expect("every type in use has a row in KINDS")
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Kind {}

impl PartialOrd for Kind {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Kind {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.group, self.kind).cmp(&(other.group, other.kind))
    }
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind)
    }
}

fn decode<T: Object>(value: &Value) -> Result<Decoded, serde_json::Error> {
    T::deserialize(value).map(|object| Arc::new(object) as Decoded)
}

fn admit<T: Object>(
    value: &Value,
    old: Option<&Value>,
    default: fn(&mut T),
    validate: fn(&T, Option<&T>) -> Vec<Problem>,
) -> Result<Value, Vec<Problem>> {
    let typed = |value: &Value| T::deserialize(value).map_err(|e| vec![Problem::invalid("", e.to_string())]);
    let mut new = typed(value)?;
    default(&mut new);
    let old = old.map(typed).transpose()?;
    let problems = validate(&new, old.as_ref());
    if !problems.is_empty() {
        return Err(problems);
    }
    serde_json::to_value(new).map_err(|e| vec![Problem::invalid("", e.to_string())])
}

/// A row: type, plural, singular, short names, scope, subresources, and the module of its defaults and validation.
macro_rules! kind {
    ($type:ty, $plural:literal, $singular:literal, [$($short:literal),*], $namespaced:expr, $status:expr, $scale:expr, $module:ident) => {
        Kind {
            group: <$type as k8s_openapi::Resource>::GROUP,
            version: <$type as k8s_openapi::Resource>::VERSION,
            kind: <$type as k8s_openapi::Resource>::KIND,
            plural: $plural,
            singular: $singular,
            short: &[$($short),*],
            namespaced: $namespaced,
            status: $status,
            scale: $scale,
            schema: || {
                static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::of::<$type>);
                &SCHEMA
            },
            decode: decode::<$type>,
            metadata: |object| object.downcast_ref::<$type>().map(k8s_openapi::Metadata::metadata),
            encode: |object| object.downcast_ref::<$type>().map(Object::to_value),
            admit: |value, old| admit::<$type>(value, old, defaults::$module, validate::$module),
        }
    };
}

const NAMESPACED: bool = true;
const CLUSTER: bool = false;
const STATUS: bool = true;
const SCALE: bool = true;
const NO: bool = false;

/// Every kind that wharf serves, in the order `apply` creates them.
#[rustfmt::skip]
pub static KINDS: &[Kind] = &[
    kind!(Namespace, "namespaces", "namespace", ["ns"], CLUSTER, STATUS, NO, namespace),
    kind!(Node, "nodes", "node", ["no"], CLUSTER, STATUS, NO, node),
    kind!(PriorityClass, "priorityclasses", "priorityclass", ["pc"], CLUSTER, NO, NO, priority_class),
    kind!(RuntimeClass, "runtimeclasses", "runtimeclass", [], CLUSTER, NO, NO, runtime_class),
    kind!(StorageClass, "storageclasses", "storageclass", ["sc"], CLUSTER, NO, NO, storage_class),
    kind!(IngressClass, "ingressclasses", "ingressclass", [], CLUSTER, NO, NO, ingress_class),
    kind!(ServiceAccount, "serviceaccounts", "serviceaccount", ["sa"], NAMESPACED, NO, NO, service_account),
    kind!(ClusterRole, "clusterroles", "clusterrole", [], CLUSTER, NO, NO, cluster_role),
    kind!(ClusterRoleBinding, "clusterrolebindings", "clusterrolebinding", [], CLUSTER, NO, NO, cluster_role_binding),
    kind!(Role, "roles", "role", [], NAMESPACED, NO, NO, role),
    kind!(RoleBinding, "rolebindings", "rolebinding", [], NAMESPACED, NO, NO, role_binding),
    kind!(Secret, "secrets", "secret", [], NAMESPACED, NO, NO, secret),
    kind!(ConfigMap, "configmaps", "configmap", ["cm"], NAMESPACED, NO, NO, config_map),
    kind!(PersistentVolume, "persistentvolumes", "persistentvolume", ["pv"], CLUSTER, STATUS, NO, volume),
    kind!(PersistentVolumeClaim, "persistentvolumeclaims", "persistentvolumeclaim", ["pvc"], NAMESPACED, STATUS, NO, claim),
    kind!(Service, "services", "service", ["svc"], NAMESPACED, STATUS, NO, service),
    kind!(Endpoints, "endpoints", "endpoint", ["ep"], NAMESPACED, NO, NO, endpoints),
    kind!(EndpointSlice, "endpointslices", "endpointslice", [], NAMESPACED, NO, NO, endpoint_slice),
    kind!(Pod, "pods", "pod", ["po"], NAMESPACED, STATUS, NO, pod),
    kind!(ReplicationController, "replicationcontrollers", "replicationcontroller", ["rc"], NAMESPACED, STATUS, SCALE, replication_controller),
    kind!(ReplicaSet, "replicasets", "replicaset", ["rs"], NAMESPACED, STATUS, SCALE, replica_set),
    kind!(Deployment, "deployments", "deployment", ["deploy"], NAMESPACED, STATUS, SCALE, deployment),
    kind!(ControllerRevision, "controllerrevisions", "controllerrevision", [], NAMESPACED, NO, NO, controller_revision),
    kind!(StatefulSet, "statefulsets", "statefulset", ["sts"], NAMESPACED, STATUS, SCALE, stateful_set),
    kind!(DaemonSet, "daemonsets", "daemonset", ["ds"], NAMESPACED, STATUS, NO, daemon_set),
    kind!(Job, "jobs", "job", [], NAMESPACED, STATUS, NO, job),
    kind!(CronJob, "cronjobs", "cronjob", ["cj"], NAMESPACED, STATUS, NO, cron_job),
    kind!(HorizontalPodAutoscaler, "horizontalpodautoscalers", "horizontalpodautoscaler", ["hpa"], NAMESPACED, STATUS, NO, autoscaler),
    kind!(PodDisruptionBudget, "poddisruptionbudgets", "poddisruptionbudget", ["pdb"], NAMESPACED, STATUS, NO, budget),
    kind!(Ingress, "ingresses", "ingress", ["ing"], NAMESPACED, STATUS, NO, ingress),
    kind!(Event, "events", "event", ["ev"], NAMESPACED, NO, NO, event),
];
