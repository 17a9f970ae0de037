//! Where pods run, their rights, and what they share.

use serde_json::{Value, json};

use super::{creates, updates};

fn pod() -> Value {
    json!({"metadata": {"name": "p", "namespace": "default"}, "spec": {
        "containers": [{"name": "web", "image": "nginx", "ports": [{"containerPort": 80, "hostPort": 8080}], "securityContext": {}}],
        "securityContext": {},
    }})
}

#[test]
fn rights_and_shares() {
    let sysctl = |name: &str| json!({"sysctls": [{"name": name, "value": "1"}]});
    creates(
        "Pod",
        &pod(),
        &[
            (
                "/spec/hostNetwork",
                json!(true),
                "spec.containers[0].ports[0].hostPort: Invalid value: 8080: must match `containerPort` when `hostNetwork` is true",
            ),
            (
                "/spec/securityContext",
                json!({"runAsUser": -1}),
                "spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
            ),
            ("/spec/securityContext", sysctl("net/ipv4.x"), ""),
            (
                "/spec/securityContext",
                sysctl("Net"),
                "spec.securityContext.sysctls[0].name: Invalid value: \"Net\": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$",
            ),
            (
                "/spec/securityContext",
                json!({"seccompProfile": {"type": "Localhost"}}),
                "spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost",
            ),
            (
                "/spec/securityContext",
                json!({"seccompProfile": {"type": "Localhost", "localhostProfile": "../x"}}),
                "spec.securityContext.seccompProfile.localhostProfile: Invalid value: \"../x\": must not contain '..'",
            ),
            (
                "/spec/securityContext",
                json!({"appArmorProfile": {"type": "Unconfined", "localhostProfile": "x"}}),
                "spec.securityContext.appArmorProfile.localhostProfile: Invalid value: \"x\": can only be set when AppArmor type is Localhost",
            ),
            (
                "/spec/containers/0/securityContext",
                json!({"privileged": true, "allowPrivilegeEscalation": false}),
                "spec.containers[0].securityContext: Invalid value: \"\": cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
            ),
            (
                "/spec/containers/0/securityContext",
                json!({"procMount": "All"}),
                "spec.containers[0].securityContext.procMount: Unsupported value: \"All\": supported values: \"Default\", \"Unmasked\"",
            ),
        ],
    );
    let mut shared = pod();
    shared["spec"]["hostPID"] = json!(true);
    shared["spec"]["hostIPC"] = json!(true);
    creates(
        "Pod",
        &shared,
        &[
            (
                "/spec/shareProcessNamespace",
                json!(true),
                "spec.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled",
            ),
            (
                "/spec/securityContext",
                sysctl("kernel.shmmax"),
                "spec.securityContext.sysctls[0].name: Invalid value: \"kernel.shmmax\": may not be specified when 'hostIPC' is true",
            ),
        ],
    );
}

#[test]
fn names_and_resolvers() {
    creates(
        "Pod",
        &pod(),
        &[
            (
                "/spec/hostAliases",
                json!([{"ip": "1.2.3", "hostnames": ["a.b"]}]),
                "spec.hostAliases[0].ip: Invalid value: \"1.2.3\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
            ),
            ("/spec/hostnameOverride", json!("web.example.org"), ""),
            (
                "/spec/hostnameOverride",
                json!("Web"),
                "spec.hostnameOverride: Invalid value: \"Web\": a lowercase RFC 1123 subdomain",
            ),
            (
                "/spec/dnsConfig",
                json!({"nameservers": ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"]}),
                "spec.dnsConfig.nameservers: Invalid value: must not have more than 3 nameservers",
            ),
            (
                "/spec/dnsConfig",
                json!({"options": [{"value": "1"}]}),
                "spec.dnsConfig.options[0]: Required value: must not be empty",
            ),
        ],
    );
}

const TERMS: &str = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";

#[test]
fn places() {
    let anti = |term: Value| json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}});
    let node = |terms: Value| json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}});
    let (no_terms, operator) = (
        format!("{TERMS}: Required value: must have at least one node selector term"),
        format!("{TERMS}[0].matchExpressions[0].operator: Invalid value: \"Is\": not a valid selector operator"),
    );
    creates(
        "Pod",
        &pod(),
        &[
            (
                "/spec/tolerations",
                json!([{"operator": "Equal"}]),
                "spec.tolerations[0].operator: Invalid value: \"Equal\": operator must be Exists when `key` is empty, which means \"match all values and all keys\"",
            ),
            (
                "/spec/tolerations",
                json!([{"key": "a", "tolerationSeconds": 1}]),
                "spec.tolerations[0].effect: Invalid value: \"\": effect must be 'NoExecute' when `tolerationSeconds` is set",
            ),
            (
                "/spec/tolerations",
                json!([{"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 1}]),
                "",
            ),
            ("/spec/affinity", node(json!([])), no_terms.leak()),
            ("/spec/affinity", node(json!([{"matchExpressions": [{"key": "a", "operator": "Is"}]}])), operator.leak()),
            (
                "/spec/affinity",
                anti(json!({"topologyKey": ""})),
                "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty",
            ),
            (
                "/spec/topologySpreadConstraints",
                json!([{"maxSkew": 0, "topologyKey": "a", "whenUnsatisfiable": "DoNotSchedule"}]),
                "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
            ),
            (
                "/spec/schedulingGates",
                json!([{"name": "a"}, {"name": "a"}]),
                "spec.schedulingGates[1]: Duplicate value: \"a\"",
            ),
        ],
    );
    let mut gated = pod();
    gated["spec"]["schedulingGates"] = json!([{"name": "a"}]);
    updates("Pod", &gated, &[("/spec/schedulingGates", json!([]), ""), ("/spec/nodeSelector", json!({"a": "b"}), "")]);
}

#[test]
fn classes_and_taints() {
    creates(
        "PriorityClass",
        &json!({"metadata": {"name": "high"}, "value": 10}),
        &[
            (
                "/value",
                json!(2_000_000_000),
                "value: Forbidden: maximum allowed value of a user defined priority is 1000000000",
            ),
            (
                "/metadata/name",
                json!("system-mine"),
                "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: only system-cluster-critical and system-node-critical exist, with their own values",
            ),
            (
                "/preemptionPolicy",
                json!("Maybe"),
                "preemptionPolicy: Unsupported value: \"Maybe\": supported values: \"PreemptLowerPriority\", \"Never\"",
            ),
        ],
    );
    updates(
        "PriorityClass",
        &json!({"metadata": {"name": "high"}, "value": 10}),
        &[("/value", json!(11), "value: Forbidden: may not be changed in an update.")],
    );
    creates(
        "RuntimeClass",
        &json!({"metadata": {"name": "box"}, "handler": "runsc"}),
        &[("/handler", json!("a/b"), "handler: Invalid value: \"a/b\": a lowercase RFC 1123 label")],
    );
    let taint = json!({"key": "a", "effect": "NoSchedule"});
    creates(
        "Node",
        &json!({"metadata": {"name": "n"}, "spec": {"taints": [taint]}}),
        &[
            ("/spec/taints/1", taint.clone(), "spec.taints[1]: Duplicate value: \"a\""),
            (
                "/spec/taints/0/effect",
                json!("Go"),
                "spec.taints[0].effect: Unsupported value: \"Go\": supported values: \"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\"",
            ),
        ],
    );
}
