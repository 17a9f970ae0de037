//! Pods, their containers, probes and volumes.

use super::meta::{OBJECT, STATUS};
use super::row::{Table, moot, not, only, yes};

const ONE_NODE: &str = "there is one node";
const LINUX: &str = "containers run on Linux";

/// What is only preferred changes nothing where there is no choice.
const AFFINITY: &[super::Row] = &[
    yes(&["requiredDuringSchedulingIgnoredDuringExecution"]),
    moot(&["preferredDuringSchedulingIgnoredDuringExecution"], &[], ONE_NODE),
];

pub(super) const TABLE: Table = &[
    ("Pod", &[OBJECT, STATUS, yes(&["spec"])]),
    (
        "PodSpec",
        &[
            yes(&["affinity", "containers", "initContainers", "volumes", "restartPolicy", "securityContext", "os"]),
            yes(&["terminationGracePeriodSeconds", "hostname", "subdomain", "hostAliases", "enableServiceLinks"]),
            yes(&["imagePullSecrets"]),
            yes(&["nodeName", "nodeSelector", "dnsConfig", "shareProcessNamespace", "dnsPolicy", "hostnameOverride"]),
            yes(&["hostNetwork", "hostPID", "hostIPC", "setHostnameAsFQDN", "runtimeClassName", "overhead"]),
            yes(&["schedulerName", "schedulingGates", "tolerations", "topologySpreadConstraints"]),
            yes(&["priority", "priorityClassName", "preemptionPolicy"]),
            only(&["hostUsers"], &["true"], "Docker maps users for all containers of an engine or for none"),
            not(&["resources"], "Docker limits containers, not groups of them: limit the containers"),
            not(
                &["resourceClaims"],
                "there are no drivers for dynamic resources: use hostPath, or a privileged container",
            ),
            not(&["schedulingGroup"], "there are no groups of pods that are scheduled as one"),
            yes(&["serviceAccountName", "serviceAccount", "automountServiceAccountToken"]),
        ],
    ),
    ("PodOS", &[only(&["name"], &["linux"], LINUX)]),
    ("HostAlias", &[yes(&["hostnames", "ip"])]),
    ("PodDNSConfig", &[yes(&["nameservers", "options", "searches"])]),
    ("PodDNSConfigOption", &[yes(&["name", "value"])]),
    ("Affinity", &[yes(&["nodeAffinity", "podAffinity", "podAntiAffinity"])]),
    ("NodeAffinity", AFFINITY),
    ("NodeSelector", &[yes(&["nodeSelectorTerms"])]),
    ("NodeSelectorTerm", &[yes(&["matchExpressions", "matchFields"])]),
    ("NodeSelectorRequirement", &[yes(&["key", "operator", "values"])]),
    ("PodAffinity", AFFINITY),
    ("PodAntiAffinity", AFFINITY),
    (
        "PodAffinityTerm",
        &[yes(&[
            "labelSelector",
            "matchLabelKeys",
            "mismatchLabelKeys",
            "namespaceSelector",
            "namespaces",
            "topologyKey",
        ])],
    ),
    (
        "TopologySpreadConstraint",
        &[
            yes(&["labelSelector", "matchLabelKeys", "maxSkew", "minDomains", "topologyKey", "whenUnsatisfiable"]),
            moot(&["nodeAffinityPolicy", "nodeTaintsPolicy"], &[], ONE_NODE),
        ],
    ),
    ("PodSchedulingGate", &[yes(&["name"])]),
    ("Toleration", &[yes(&["effect", "key", "operator", "tolerationSeconds", "value"])]),
    (
        "PodSecurityContext",
        &[
            yes(&["runAsUser", "runAsGroup", "runAsNonRoot", "supplementalGroups", "seccompProfile", "sysctls"]),
            yes(&["fsGroup", "fsGroupChangePolicy", "supplementalGroupsPolicy", "appArmorProfile", "seLinuxOptions"]),
            moot(&["seLinuxChangePolicy"], &[], "Docker does not relabel volumes by mount options"),
            not(&["windowsOptions"], LINUX),
        ],
    ),
    (
        "SecurityContext",
        &[
            yes(&["runAsUser", "runAsGroup", "privileged", "capabilities", "readOnlyRootFilesystem"]),
            yes(&["allowPrivilegeEscalation", "runAsNonRoot", "seccompProfile", "appArmorProfile", "seLinuxOptions"]),
            yes(&["procMount"]),
            not(&["windowsOptions"], LINUX),
        ],
    ),
    ("SeccompProfile", &[yes(&["localhostProfile", "type"])]),
    ("AppArmorProfile", &[yes(&["localhostProfile", "type"])]),
    ("SELinuxOptions", &[yes(&["level", "role", "type", "user"])]),
    ("Sysctl", &[yes(&["name", "value"])]),
    ("Capabilities", &[yes(&["add", "drop"])]),
    (
        "Container",
        &[
            yes(&["name", "image", "imagePullPolicy", "command", "args", "workingDir", "env", "envFrom", "ports"]),
            yes(&["volumeMounts", "resources", "livenessProbe", "readinessProbe", "startupProbe", "securityContext"]),
            yes(&["stdin", "tty", "lifecycle"]),
            moot(&["terminationMessagePath"], &["/dev/termination-log"], "termination messages are not read yet"),
            moot(&["terminationMessagePolicy"], &["File"], "termination messages are not read yet"),
            moot(&["resizePolicy"], &[], "a pod is replaced when its resources change"),
            only(&["stdinOnce"], &["false"], ""),
            not(&["volumeDevices"], "a Docker volume is a file system, no block device"),
        ],
    ),
    ("Lifecycle", &[yes(&["stopSignal"])]),
    ("EnvVar", &[yes(&["name", "value", "valueFrom"])]),
    ("EnvVarSource", &[yes(&["configMapKeyRef", "secretKeyRef", "fieldRef", "resourceFieldRef"])]),
    ("ConfigMapKeySelector", &[yes(&["name", "key", "optional"])]),
    ("SecretKeySelector", &[yes(&["name", "key", "optional"])]),
    ("ObjectFieldSelector", &[yes(&["fieldPath"]), only(&["apiVersion"], &["v1"], "")]),
    ("ResourceFieldSelector", &[yes(&["containerName", "divisor", "resource"])]),
    ("EnvFromSource", &[yes(&["configMapRef", "prefix", "secretRef"])]),
    ("ConfigMapEnvSource", &[yes(&["name", "optional"])]),
    ("SecretEnvSource", &[yes(&["name", "optional"])]),
    (
        "ContainerPort",
        &[yes(&["containerPort", "hostIP", "hostPort", "name"]), only(&["protocol"], &["TCP", "UDP"], "")],
    ),
    (
        "ResourceRequirements",
        &[
            only(&["limits"], &["cpu", "memory"], "Docker limits cpu and memory"),
            only(
                &["requests"],
                &["cpu", "memory", "ephemeral-storage"],
                "the node has cpu, memory and ephemeral-storage",
            ),
            not(&["claims"], "there are no drivers for dynamic resources"),
        ],
    ),
    (
        "Probe",
        &[
            yes(&["exec", "httpGet", "tcpSocket", "grpc", "initialDelaySeconds", "periodSeconds", "timeoutSeconds"]),
            yes(&["failureThreshold", "successThreshold", "terminationGracePeriodSeconds"]),
        ],
    ),
    ("ExecAction", &[yes(&["command"])]),
    ("HTTPGetAction", &[yes(&["host", "httpHeaders", "path", "port", "scheme"])]),
    ("GRPCAction", &[yes(&["port", "service"])]),
    ("HTTPHeader", &[yes(&["name", "value"])]),
    ("TCPSocketAction", &[yes(&["host", "port"])]),
];
