//! The table of controllers: what each watches, which of its keys a change concerns, and what it decides.

use k8s_openapi::api::apps::v1::{ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{
    ConfigMap, Endpoints, Event, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, ReplicationController,
    Service,
};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::ClusterRole;
use k8s_openapi::api::storage::v1::StorageClass;

use super::{
    aggregation, budget, claim, cron_job, daemon_set, deployment, endpoints, ephemeral, event, garbage, job, namespace,
    publisher, replicated, root_ca, stateful_set, terminated, volume,
};
use crate::api::{KINDS, Key, Kind, Plan, Timestamp, View};

/// A controller: three pure functions.
pub struct Controller {
    /// Its name, the source of its events.
    pub name: &'static str,
    /// The kinds whose changes matter to it.
    pub watches: fn() -> Vec<&'static Kind>,
    /// Which keys a changed key concerns.
    pub keys: fn(&View, &Key) -> Vec<Key>,
    /// What a key needs next.
    pub plan: fn(&View, &Key, Timestamp) -> Plan,
}

/// Every controller; they run side by side and meet only in the store.
pub static CONTROLLERS: &[Controller] = &[
    Controller {
        name: "deployment-controller",
        watches: || vec![Kind::of::<Deployment>(), Kind::of::<ReplicaSet>(), Kind::of::<Pod>()],
        keys: deployment::keys,
        plan: deployment::plan,
    },
    Controller {
        name: "replicaset-controller",
        watches: || vec![Kind::of::<ReplicaSet>(), Kind::of::<Pod>()],
        keys: replicated::keys::<ReplicaSet>,
        plan: replicated::plan::<ReplicaSet>,
    },
    Controller {
        name: "replication-controller",
        watches: || vec![Kind::of::<ReplicationController>(), Kind::of::<Pod>()],
        keys: replicated::keys::<ReplicationController>,
        plan: replicated::plan::<ReplicationController>,
    },
    Controller {
        name: "statefulset-controller",
        watches: || {
            vec![
                Kind::of::<StatefulSet>(),
                Kind::of::<ControllerRevision>(),
                Kind::of::<Pod>(),
                Kind::of::<PersistentVolumeClaim>(),
            ]
        },
        keys: stateful_set::keys,
        plan: stateful_set::plan,
    },
    Controller {
        name: "daemonset-controller",
        watches: || {
            vec![Kind::of::<DaemonSet>(), Kind::of::<ControllerRevision>(), Kind::of::<Pod>(), Kind::of::<Node>()]
        },
        keys: daemon_set::keys,
        plan: daemon_set::plan,
    },
    Controller {
        name: "disruption-controller",
        watches: || vec![Kind::of::<PodDisruptionBudget>(), Kind::of::<Deployment>(), Kind::of::<Pod>()],
        keys: budget::keys,
        plan: budget::plan,
    },
    Controller {
        name: "cronjob-controller",
        watches: || vec![Kind::of::<CronJob>(), Kind::of::<Job>()],
        keys: cron_job::keys,
        plan: cron_job::plan,
    },
    Controller {
        name: "job-controller",
        watches: || vec![Kind::of::<Job>(), Kind::of::<Pod>()],
        keys: job::keys,
        plan: job::plan,
    },
    Controller {
        name: "endpoints-controller",
        watches: || {
            vec![Kind::of::<Service>(), Kind::of::<Pod>(), Kind::of::<Endpoints>(), Kind::of::<EndpointSlice>()]
        },
        keys: endpoints::keys,
        plan: endpoints::plan,
    },
    Controller {
        name: "claim-controller",
        watches: || {
            vec![
                Kind::of::<PersistentVolumeClaim>(),
                Kind::of::<PersistentVolume>(),
                Kind::of::<StorageClass>(),
                Kind::of::<Pod>(),
                Kind::of::<Node>(),
            ]
        },
        keys: claim::keys,
        plan: claim::plan,
    },
    Controller {
        name: "ephemeral-volume-controller",
        watches: || vec![Kind::of::<Pod>(), Kind::of::<PersistentVolumeClaim>()],
        keys: ephemeral::keys,
        plan: ephemeral::plan,
    },
    Controller {
        name: "volume-controller",
        watches: || vec![Kind::of::<PersistentVolume>(), Kind::of::<PersistentVolumeClaim>()],
        keys: volume::keys,
        plan: volume::plan,
    },
    Controller {
        name: "publisher-controller",
        watches: || vec![Kind::of::<Service>(), Kind::of::<Pod>(), Kind::of::<Event>(), Kind::of::<Node>()],
        keys: publisher::keys,
        plan: publisher::plan,
    },
    Controller {
        name: "namespace-controller",
        watches: || KINDS.iter().filter(|k| k.namespaced).chain([Kind::of::<Namespace>()]).collect(),
        keys: namespace::keys,
        plan: namespace::plan,
    },
    Controller {
        name: "root-ca-certificate-publisher",
        watches: || vec![Kind::of::<ConfigMap>(), Kind::of::<Namespace>()],
        keys: root_ca::keys,
        plan: root_ca::plan,
    },
    Controller {
        name: "clusterrole-aggregation-controller",
        watches: || vec![Kind::of::<ClusterRole>()],
        keys: aggregation::keys,
        plan: aggregation::plan,
    },
    Controller {
        name: "garbage-collector",
        watches: || KINDS.iter().filter(|k| *k != Kind::of::<Event>()).collect(),
        keys: garbage::keys,
        plan: garbage::plan,
    },
    Controller {
        name: "pod-garbage-collector",
        watches: || vec![Kind::of::<Pod>()],
        keys: terminated::keys,
        plan: terminated::plan,
    },
    Controller {
        name: "event-controller",
        watches: || vec![Kind::of::<Event>()],
        keys: event::keys,
        plan: event::plan,
    },
];
