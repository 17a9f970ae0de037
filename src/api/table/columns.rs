//! The columns of each kind: name, whether only `-o wide` shows it, and how its cell is read.

use serde_json::Value;

use super::age::since;
use super::cells::{
    access_modes, containers, count, endpoints, external, involved, joined, list, load_balancer, node_status, owner,
    pairs, service_ports, subjects, text,
};
use super::{Kind, Timestamp, autoscaler, batch, pod};

/// One column of a table.
pub struct Column {
    /// The heading.
    pub name: &'static str,
    /// Whether only `-o wide` shows it.
    pub wide: bool,
    /// The cell of an object.
    pub cell: fn(&Value, Timestamp) -> String,
}

const fn narrow(name: &'static str, cell: fn(&Value, Timestamp) -> String) -> Column {
    Column { name, wide: false, cell }
}

const fn wide(name: &'static str, cell: fn(&Value, Timestamp) -> String) -> Column {
    Column { name, wide: true, cell }
}

const NAME: Column = narrow("NAME", |o, _| text(o, "/metadata/name", ""));
const AGE: Column = narrow("AGE", |o, now| since(o, "/metadata/creationTimestamp", now));
const CONTAINERS: Column = wide("CONTAINERS", |o, _| containers(o, "name"));
const IMAGES: Column = wide("IMAGES", |o, _| containers(o, "image"));
const SELECTOR: Column = wide("SELECTOR", |o, _| pairs(o, "/spec/selector/matchLabels"));

const PLAIN: &[Column] = &[NAME, AGE];
const NAMESPACES: &[Column] = &[NAME, narrow("STATUS", |o, _| text(o, "/status/phase", "")), AGE];
const NODES: &[Column] = &[
    NAME,
    narrow("STATUS", |o, _| node_status(o)),
    narrow("ROLES", |_, _| "<none>".to_owned()),
    AGE,
    narrow("VERSION", |o, _| text(o, "/status/nodeInfo/kubeletVersion", "")),
    wide("OS-IMAGE", |o, _| text(o, "/status/nodeInfo/osImage", "<unknown>")),
    wide("KERNEL-VERSION", |o, _| text(o, "/status/nodeInfo/kernelVersion", "<unknown>")),
    wide("CONTAINER-RUNTIME", |o, _| text(o, "/status/nodeInfo/containerRuntimeVersion", "<unknown>")),
];
const CLASSES: &[Column] = &[
    NAME,
    narrow("PROVISIONER", |o, _| text(o, "/provisioner", "")),
    narrow("RECLAIMPOLICY", |o, _| text(o, "/reclaimPolicy", "Delete")),
    narrow("VOLUMEBINDINGMODE", |o, _| text(o, "/volumeBindingMode", "Immediate")),
    AGE,
];
const PRIORITIES: &[Column] = &[
    NAME,
    narrow("VALUE", |o, _| text(o, "/value", "0")),
    narrow("GLOBAL-DEFAULT", |o, _| text(o, "/globalDefault", "false")),
    AGE,
    narrow("PREEMPTIONPOLICY", |o, _| text(o, "/preemptionPolicy", "PreemptLowerPriority")),
];
const RUNTIMES: &[Column] = &[NAME, narrow("HANDLER", |o, _| text(o, "/handler", "")), AGE];
const INGRESS_CLASSES: &[Column] = &[
    NAME,
    narrow("CONTROLLER", |o, _| text(o, "/spec/controller", "")),
    narrow("PARAMETERS", |o, _| text(o, "/spec/parameters/name", "<none>")),
    AGE,
];
const ACCOUNTS: &[Column] = &[NAME, narrow("SECRETS", |o, _| list(o, "/secrets").len().to_string()), AGE];
const SECRETS: &[Column] =
    &[NAME, narrow("TYPE", |o, _| text(o, "/type", "Opaque")), narrow("DATA", |o, _| count(o, &["/data"])), AGE];
const CONFIG_MAPS: &[Column] = &[NAME, narrow("DATA", |o, _| count(o, &["/data", "/binaryData"])), AGE];
const VOLUMES: &[Column] = &[
    NAME,
    narrow("CAPACITY", |o, _| text(o, "/spec/capacity/storage", "")),
    narrow("ACCESS MODES", |o, _| access_modes(o)),
    narrow("RECLAIM POLICY", |o, _| text(o, "/spec/persistentVolumeReclaimPolicy", "")),
    narrow("STATUS", |o, _| text(o, "/status/phase", "")),
    narrow("CLAIM", |o, _| {
        let claim = text(o, "/spec/claimRef/name", "");
        if claim.is_empty() { claim } else { format!("{}/{claim}", text(o, "/spec/claimRef/namespace", "")) }
    }),
    narrow("STORAGECLASS", |o, _| text(o, "/spec/storageClassName", "")),
    AGE,
];
const CLAIMS: &[Column] = &[
    NAME,
    narrow("STATUS", |o, _| text(o, "/status/phase", "Pending")),
    narrow("VOLUME", |o, _| text(o, "/spec/volumeName", "")),
    narrow("CAPACITY", |o, _| text(o, "/status/capacity/storage", "")),
    narrow("ACCESS MODES", |o, _| access_modes(o)),
    narrow("STORAGECLASS", |o, _| text(o, "/spec/storageClassName", "")),
    AGE,
];
const SERVICES: &[Column] = &[
    NAME,
    narrow("TYPE", |o, _| text(o, "/spec/type", "ClusterIP")),
    narrow("CLUSTER-IP", |o, _| text(o, "/spec/clusterIP", "<none>")),
    narrow("EXTERNAL-IP", |o, _| external(o)),
    narrow("PORT(S)", |o, _| service_ports(o)),
    AGE,
    wide("SELECTOR", |o, _| pairs(o, "/spec/selector")),
];
const ENDPOINTS: &[Column] = &[NAME, narrow("ENDPOINTS", |o, _| endpoints(o)), AGE];
const SLICES: &[Column] = &[
    NAME,
    narrow("ADDRESSTYPE", |o, _| text(o, "/addressType", "")),
    narrow("PORTS", |o, _| joined(list(o, "/ports").iter().map(|p| text(p, "/port", "")))),
    narrow("ENDPOINTS", |o, _| joined(list(o, "/endpoints").iter().map(|e| text(e, "/addresses/0", "")))),
    AGE,
];
const PODS: &[Column] = &[
    NAME,
    narrow("READY", |o, _| pod::ready(o)),
    narrow("STATUS", |o, _| pod::status(o)),
    narrow("RESTARTS", |o, _| pod::restarts(o)),
    AGE,
    wide("IP", |o, _| text(o, "/status/podIP", "<none>")),
    wide("NODE", |o, _| text(o, "/spec/nodeName", "<none>")),
];
const REPLICA_SETS: &[Column] = &[
    NAME,
    narrow("DESIRED", |o, _| text(o, "/spec/replicas", "0")),
    narrow("CURRENT", |o, _| text(o, "/status/replicas", "0")),
    narrow("READY", |o, _| text(o, "/status/readyReplicas", "0")),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];
const REPLICATION_CONTROLLERS: &[Column] = &[
    NAME,
    narrow("DESIRED", |o, _| text(o, "/spec/replicas", "0")),
    narrow("CURRENT", |o, _| text(o, "/status/replicas", "0")),
    narrow("READY", |o, _| text(o, "/status/readyReplicas", "0")),
    AGE,
    CONTAINERS,
    IMAGES,
    wide("SELECTOR", |o, _| pairs(o, "/spec/selector")),
];
const STATEFUL_SETS: &[Column] = &[
    NAME,
    narrow("READY", |o, _| format!("{}/{}", text(o, "/status/readyReplicas", "0"), text(o, "/spec/replicas", "0"))),
    AGE,
    CONTAINERS,
    IMAGES,
];
const DAEMON_SETS: &[Column] = &[
    NAME,
    narrow("DESIRED", |o, _| text(o, "/status/desiredNumberScheduled", "0")),
    narrow("CURRENT", |o, _| text(o, "/status/currentNumberScheduled", "0")),
    narrow("READY", |o, _| text(o, "/status/numberReady", "0")),
    narrow("UP-TO-DATE", |o, _| text(o, "/status/updatedNumberScheduled", "0")),
    narrow("AVAILABLE", |o, _| text(o, "/status/numberAvailable", "0")),
    narrow("NODE SELECTOR", |o, _| pairs(o, "/spec/template/spec/nodeSelector")),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];
const REVISIONS: &[Column] =
    &[NAME, narrow("CONTROLLER", |o, _| owner(o)), narrow("REVISION", |o, _| text(o, "/revision", "0")), AGE];
const DEPLOYMENTS: &[Column] = &[
    NAME,
    narrow("READY", |o, _| format!("{}/{}", text(o, "/status/readyReplicas", "0"), text(o, "/spec/replicas", "0"))),
    narrow("UP-TO-DATE", |o, _| text(o, "/status/updatedReplicas", "0")),
    narrow("AVAILABLE", |o, _| text(o, "/status/availableReplicas", "0")),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];
const JOBS: &[Column] = &[
    NAME,
    narrow("STATUS", |o, _| batch::job_status(o)),
    narrow("COMPLETIONS", |o, _| batch::completions(o)),
    narrow("DURATION", |o, now| batch::duration(o, now)),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];
const CRON_JOBS: &[Column] = &[
    NAME,
    narrow("SCHEDULE", |o, _| text(o, "/spec/schedule", "")),
    narrow("TIMEZONE", |o, _| text(o, "/spec/timeZone", "<none>")),
    narrow("SUSPEND", |o, _| batch::capital(&text(o, "/spec/suspend", "false"))),
    narrow("ACTIVE", |o, _| list(o, "/status/active").len().to_string()),
    narrow("LAST SCHEDULE", |o, now| match since(o, "/status/lastScheduleTime", now).as_str() {
        "<unknown>" => "<none>".to_owned(),
        age => age.to_owned(),
    }),
    AGE,
];
const AUTOSCALERS: &[Column] = &[
    NAME,
    narrow("REFERENCE", |o, _| {
        format!("{}/{}", text(o, "/spec/scaleTargetRef/kind", ""), text(o, "/spec/scaleTargetRef/name", ""))
    }),
    narrow("TARGETS", |o, _| autoscaler::targets(o)),
    narrow("MINPODS", |o, _| text(o, "/spec/minReplicas", "<unset>")),
    narrow("MAXPODS", |o, _| text(o, "/spec/maxReplicas", "")),
    narrow("REPLICAS", |o, _| text(o, "/status/currentReplicas", "0")),
    AGE,
];
const BUDGETS: &[Column] = &[
    NAME,
    narrow("MIN AVAILABLE", |o, _| text(o, "/spec/minAvailable", "N/A")),
    narrow("MAX UNAVAILABLE", |o, _| text(o, "/spec/maxUnavailable", "N/A")),
    narrow("ALLOWED DISRUPTIONS", |o, _| text(o, "/status/disruptionsAllowed", "0")),
    AGE,
];
const INGRESSES: &[Column] = &[
    NAME,
    narrow("CLASS", |o, _| text(o, "/spec/ingressClassName", "<none>")),
    narrow("HOSTS", |o, _| {
        let hosts = joined(list(o, "/spec/rules").iter().map(|r| text(r, "/host", "*")));
        if hosts == "<none>" { "*".to_owned() } else { hosts }
    }),
    narrow("ADDRESS", |o, _| load_balancer(o)),
    narrow("PORTS", |o, _| if list(o, "/spec/tls").is_empty() { "80".to_owned() } else { "80, 443".to_owned() }),
    AGE,
];
const CREATED: Column = narrow("CREATED AT", |o, _| text(o, "/metadata/creationTimestamp", ""));
const ROLES: &[Column] = &[NAME, CREATED];
const BINDINGS: &[Column] = &[
    NAME,
    narrow("ROLE", |o, _| format!("{}/{}", text(o, "/roleRef/kind", ""), text(o, "/roleRef/name", ""))),
    AGE,
    wide("USERS", |o, _| subjects(o, "User")),
    wide("GROUPS", |o, _| subjects(o, "Group")),
    wide("SERVICEACCOUNTS", |o, _| subjects(o, "ServiceAccount")),
];
const EVENTS: &[Column] = &[
    narrow("LAST SEEN", |o, now| since(o, "/lastTimestamp", now)),
    narrow("TYPE", |o, _| text(o, "/type", "")),
    narrow("REASON", |o, _| text(o, "/reason", "")),
    narrow("OBJECT", |o, _| involved(o)),
    narrow("MESSAGE", |o, _| text(o, "/message", "")),
];

/// The columns of a kind, in order.
pub fn columns(kind: &Kind) -> &'static [Column] {
    match kind.kind {
        "Namespace" => NAMESPACES,
        "Node" => NODES,
        "StorageClass" => CLASSES,
        "PriorityClass" => PRIORITIES,
        "RuntimeClass" => RUNTIMES,
        "IngressClass" => INGRESS_CLASSES,
        "ServiceAccount" => ACCOUNTS,
        "Role" | "ClusterRole" => ROLES,
        "RoleBinding" | "ClusterRoleBinding" => BINDINGS,
        "Secret" => SECRETS,
        "ConfigMap" => CONFIG_MAPS,
        "PersistentVolume" => VOLUMES,
        "PersistentVolumeClaim" => CLAIMS,
        "Service" => SERVICES,
        "Endpoints" => ENDPOINTS,
        "EndpointSlice" => SLICES,
        "Pod" => PODS,
        "ReplicaSet" => REPLICA_SETS,
        "Deployment" => DEPLOYMENTS,
        "ReplicationController" => REPLICATION_CONTROLLERS,
        "StatefulSet" => STATEFUL_SETS,
        "DaemonSet" => DAEMON_SETS,
        "ControllerRevision" => REVISIONS,
        "Job" => JOBS,
        "CronJob" => CRON_JOBS,
        "HorizontalPodAutoscaler" => AUTOSCALERS,
        "PodDisruptionBudget" => BUDGETS,
        "Ingress" => INGRESSES,
        "Event" => EVENTS,
        _ => PLAIN,
    }
}
