//! Pods, their containers, probes and volumes.

use super::meta::{OBJECT, STATUS};
use super::row::{Table, moot, not, only, yes};

const ONE_NODE: &str = "there is one node";

pub(super) const TABLE: Table = &[
    ("Pod", &[OBJECT, STATUS, yes(&["spec"])]),
    (
        "PodSpec",
        &[
            yes(&["affinity", "containers", "initContainers", "volumes", "restartPolicy", "securityContext", "os"]),
            yes(&["terminationGracePeriodSeconds", "hostname", "subdomain", "hostAliases", "enableServiceLinks"]),
            yes(&["nodeName", "nodeSelector", "dnsConfig", "shareProcessNamespace", "imagePullSecrets"]),
            only(&["dnsPolicy"], &["ClusterFirst", "Default", "None"], ""),
            only(&["schedulerName"], &["default-scheduler"], "wharf has one scheduler"),
            only(&["hostNetwork", "hostPID", "hostIPC", "setHostnameAsFQDN"], &["false"], ""),
            only(&["hostUsers"], &["true"], ""),
            moot(&["serviceAccountName", "serviceAccount"], &["default"], "no token is mounted yet"),
            moot(&["automountServiceAccountToken"], &["false"], "no token is mounted yet"),
            moot(&["tolerations"], &[], "the node has no taints"),
            moot(&["topologySpreadConstraints"], &[], ONE_NODE),
            moot(&["priority", "priorityClassName", "preemptionPolicy"], &["0"], "no pod is preempted on one node"),
        ],
    ),
    ("PodOS", &[only(&["name"], &["linux"], "containers run on Linux")]),
    ("HostAlias", &[yes(&["hostnames", "ip"])]),
    ("PodDNSConfig", &[yes(&["nameservers", "options", "searches"])]),
    ("PodDNSConfigOption", &[yes(&["name", "value"])]),
    ("Affinity", &[yes(&["nodeAffinity", "podAffinity", "podAntiAffinity"])]),
    ("NodeAffinity", &[moot(&["preferredDuringSchedulingIgnoredDuringExecution"], &[], ONE_NODE)]),
    ("PodAffinity", &[moot(&["*"], &[], "all pods are on one node")]),
    (
        "PodAntiAffinity",
        &[
            moot(&["preferredDuringSchedulingIgnoredDuringExecution"], &[], "all pods are on one node"),
            not(&["requiredDuringSchedulingIgnoredDuringExecution"], "all pods are on one node"),
        ],
    ),
    (
        "PodSecurityContext",
        &[
            yes(&["runAsUser", "runAsGroup", "runAsNonRoot", "supplementalGroups", "seccompProfile", "sysctls"]),
            only(&["supplementalGroupsPolicy"], &["Merge"], ""),
        ],
    ),
    (
        "SecurityContext",
        &[
            yes(&["runAsUser", "runAsGroup", "privileged", "capabilities", "readOnlyRootFilesystem"]),
            yes(&["allowPrivilegeEscalation", "runAsNonRoot", "seccompProfile"]),
            only(&["procMount"], &["Default"], ""),
        ],
    ),
    ("SeccompProfile", &[only(&["type"], &["RuntimeDefault", "Unconfined"], "")]),
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
    ("ResourceRequirements", &[only(&["limits", "requests"], &["cpu", "memory"], "")]),
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
    ("VolumeMount", VOLUME_MOUNT),
    ("Volume", &[yes(&["name", "emptyDir", "hostPath", "configMap", "secret", "persistentVolumeClaim", "nfs"])]),
    (
        "EmptyDirVolumeSource",
        &[
            only(&["medium"], &["", "Memory"], ""),
            yes(&["sizeLimit"]).given("medium", "Memory"),
            moot(&["sizeLimit"], &[], "only an emptyDir of medium Memory is limited"),
        ],
    ),
    ("HostPathVolumeSource", &[yes(&["path", "type"])]),
    ("ConfigMapVolumeSource", &[yes(&["defaultMode", "items", "name", "optional"])]),
    ("SecretVolumeSource", &[yes(&["defaultMode", "items", "optional", "secretName"])]),
    ("KeyToPath", &[yes(&["key", "mode", "path"])]),
    ("PersistentVolumeClaimVolumeSource", &[yes(&["claimName", "readOnly"])]),
];

const VOLUME_MOUNT: &[super::Row] = &[
    yes(&["mountPath", "name", "readOnly", "subPath"]),
    only(&["mountPropagation"], &["None"], ""),
    only(&["recursiveReadOnly"], &["Disabled"], ""),
];
