//! Pods.

use serde_json::{Value, json};

use super::{creates, updates};

fn pod() -> Value {
    json!({"metadata": {"name": "p", "namespace": "default"}, "spec": {
        "containers": [
            {"name": "web", "image": "nginx", "ports": [{"name": "http", "containerPort": 80, "hostPort": 8080}],
             "env": [{"name": "A", "value": "1"}], "volumeMounts": [{"name": "data", "mountPath": "/data"}],
             "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "1"}},
             "livenessProbe": {"httpGet": {"port": "http"}}},
            {"name": "side", "image": "busybox"},
        ],
        "volumes": [{"name": "data", "emptyDir": {}}],
    }})
}

#[test]
fn containers() {
    creates(
        "Pod",
        &pod(),
        &[
            ("/spec/containers", json!([]), "spec.containers: Required value"),
            ("/spec/containers/0/name", json!(""), "spec.containers[0].name: Required value"),
            ("/spec/containers/1/name", json!("web"), "spec.containers[1].name: Duplicate value: \"web\""),
            (
                "/spec/initContainers",
                json!([{"name": "side", "image": "x"}]),
                "spec.containers[1].name: Duplicate value: \"side\"",
            ),
            ("/spec/containers/0/image", json!(null), "spec.containers[0].image: Required value"),
            (
                "/spec/containers/0/imagePullPolicy",
                json!("Sometimes"),
                "spec.containers[0].imagePullPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"IfNotPresent\", \"Never\"",
            ),
            (
                "/spec/restartPolicy",
                json!("No"),
                "spec.restartPolicy: Unsupported value: \"No\": supported values: \"Always\", \"OnFailure\", \"Never\"",
            ),
            (
                "/spec/dnsPolicy",
                json!("None"),
                "spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None",
            ),
            ("/spec/hostname", json!("a.b"), "spec.hostname: Invalid value: \"a.b\": a lowercase RFC 1123 label"),
            (
                "/spec/activeDeadlineSeconds",
                json!(0),
                "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive",
            ),
        ],
    );
}

#[test]
fn ports_and_environment() {
    creates(
        "Pod",
        &pod(),
        &[
            (
                "/spec/containers/0/ports/0/containerPort",
                json!(70_000),
                "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
            ),
            (
                "/spec/containers/0/ports/0/name",
                json!("a-name-longer-than-15"),
                "spec.containers[0].ports[0].name: Invalid value: \"a-name-longer-than-15\": must be no more than 15 characters",
            ),
            (
                "/spec/containers/0/ports/1",
                json!({"name": "http", "containerPort": 81}),
                "spec.containers[0].ports[1].name: Duplicate value: \"http\"",
            ),
            (
                "/spec/containers/1/ports",
                json!([{"containerPort": 81, "hostPort": 8080}]),
                "spec.containers[1].ports[0].hostPort: Duplicate value: \"8080\"",
            ),
            ("/spec/containers/1/ports", json!([{"containerPort": 81, "hostPort": 8080, "protocol": "UDP"}]), ""),
            (
                "/spec/containers/0/env/0/name",
                json!("A=B"),
                "spec.containers[0].env[0].name: Invalid value: \"A=B\": a valid environment variable name",
            ),
            ("/spec/containers/0/env/0/name", json!("my.var-1"), ""),
            (
                "/spec/containers/0/env/0/valueFrom",
                json!({"fieldRef": {"fieldPath": "status.podIP"}}),
                "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty",
            ),
            (
                "/spec/containers/0/env/0",
                json!({"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "status.phase"}}}),
                "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: \"status.phase\": supported values: \
             \"metadata.name\", \"metadata.namespace\", \"metadata.uid\", \"spec.nodeName\", \"spec.serviceAccountName\", \
             \"status.hostIP\", \"status.hostIPs\", \"status.podIP\", \"status.podIPs\"",
            ),
            (
                "/spec/containers/0/env/0",
                json!({"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app']"}}}),
                "",
            ),
            (
                "/spec/containers/0/env/0",
                json!({"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}}}),
                "spec.containers[0].env[0].valueFrom.secretKeyRef.key: Required value",
            ),
            (
                "/spec/containers/0/envFrom",
                json!([{"prefix": "X_"}]),
                "spec.containers[0].envFrom[0]: Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`",
            ),
        ],
    );
}

#[test]
fn volumes_and_mounts() {
    creates(
        "Pod",
        &pod(),
        &[
            (
                "/spec/containers/0/volumeMounts/0/name",
                json!("dta"),
                "spec.containers[0].volumeMounts[0].name: Not found: \"dta\"",
            ),
            (
                "/spec/containers/0/volumeMounts/0/mountPath",
                json!("data"),
                "spec.containers[0].volumeMounts[0].mountPath: Invalid value: \"data\": must be an absolute path",
            ),
            (
                "/spec/containers/0/volumeMounts/1",
                json!({"name": "data", "mountPath": "/data"}),
                "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/data\": must be unique",
            ),
            (
                "/spec/containers/0/volumeMounts/0/subPath",
                json!("a/../.."),
                "spec.containers[0].volumeMounts[0].subPath: Invalid value: \"a/../..\": must not contain '..'",
            ),
            (
                "/spec/volumes/1",
                json!({"name": "data", "emptyDir": {}}),
                "spec.volumes[1].name: Duplicate value: \"data\"",
            ),
            (
                "/spec/volumes/0/hostPath",
                json!({"path": "/srv"}),
                "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
            ),
            (
                "/spec/volumes/0",
                json!({"name": "data", "hostPath": {"path": ""}}),
                "spec.volumes[0].hostPath.path: Required value",
            ),
            (
                "/spec/volumes/0",
                json!({"name": "data", "secret": {}}),
                "spec.volumes[0].secret.secretName: Required value",
            ),
            (
                "/spec/volumes/0",
                json!({"name": "data", "configMap": {"name": "c", "defaultMode": 644}}),
                "spec.volumes[0].configMap.defaultMode: Invalid value: 644: must be a number between 0 and 0777 (octal), both inclusive",
            ),
            (
                "/spec/volumes/0",
                json!({"name": "data", "configMap": {"name": "c", "items": [{"key": "k", "path": "/k"}]}}),
                "spec.volumes[0].configMap.items[0].path: Invalid value: \"/k\": must be a relative path",
            ),
            (
                "/spec/volumes/0/emptyDir/sizeLimit",
                json!("-1Mi"),
                "spec.volumes[0].emptyDir.sizeLimit: Invalid value: \"-1Mi\": must be greater than or equal to 0",
            ),
        ],
    );
}

#[test]
fn probes() {
    creates(
        "Pod",
        &pod(),
        &[
            (
                "/spec/containers/0/livenessProbe",
                json!({}),
                "spec.containers[0].livenessProbe: Required value: must specify a handler type",
            ),
            (
                "/spec/containers/0/livenessProbe/tcpSocket",
                json!({"port": 80}),
                "spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type",
            ),
            (
                "/spec/containers/0/livenessProbe/successThreshold",
                json!(2),
                "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1",
            ),
            ("/spec/containers/0/readinessProbe", json!({"exec": {"command": ["x"]}, "successThreshold": 2}), ""),
            (
                "/spec/containers/0/livenessProbe",
                json!({"exec": {}}),
                "spec.containers[0].livenessProbe.exec.command: Required value",
            ),
            (
                "/spec/containers/0/livenessProbe/periodSeconds",
                json!(-1),
                "spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0",
            ),
            ("/spec/containers/0/livenessProbe/terminationGracePeriodSeconds", json!(1), ""),
            (
                "/spec/containers/0/livenessProbe/terminationGracePeriodSeconds",
                json!(0),
                "spec.containers[0].livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0",
            ),
            (
                "/spec/containers/0/readinessProbe",
                json!({"grpc": {"port": 0}, "terminationGracePeriodSeconds": 5}),
                "spec.containers[0].readinessProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive\n\
                 spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for \
                 readinessProbes",
            ),
            (
                "/spec/containers/0/livenessProbe/httpGet/httpHeaders",
                json!([{"name": "X Key", "value": "v"}]),
                "spec.containers[0].livenessProbe.httpGet.httpHeaders: Invalid value: \"X Key\": a valid HTTP header",
            ),
        ],
    );
}

#[test]
fn hooks_and_resources() {
    creates(
        "Pod",
        &pod(),
        &[
            (
                "/spec/containers/0/lifecycle",
                json!({"preStop": {}}),
                "spec.containers[0].lifecycle.preStop: Required value: must specify a handler type",
            ),
            (
                "/spec/containers/0/resources/requests/cpu",
                json!("1500m"),
                "spec.containers[0].resources.requests: Invalid value: \"1500m\": must be less than or equal to cpu limit of 1",
            ),
            (
                "/spec/containers/0/resources/limits/memory",
                json!("64MB"),
                "spec.containers[0].resources.limits[memory]: Invalid value: \"64MB\": quantities must match the regular \
             expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'\n\
             spec.containers[0].resources.requests[memory]: Invalid value: \"64MB\": quantities must match the regular \
             expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
            ),
            (
                "/spec/containers/0/resources/limits",
                json!({"cpu": "1", "gpu": "1"}),
                "spec.containers[0].resources.limits: Invalid value: \"gpu\": must be a standard resource for containers\n\
             spec.containers[0].resources.requests: Invalid value: \"gpu\": must be a standard resource for containers",
            ),
        ],
    );
}

#[test]
fn a_pod_keeps_its_specification() {
    let immutable = |field: &str| {
        format!(
            "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,\
             `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing \
             tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative) \
             (changed: {field})"
        )
    };
    let (containers, node): (&str, &str) = (immutable("containers").leak(), immutable("nodeName").leak());
    updates(
        "Pod",
        &pod(),
        &[
            ("/spec/containers/0/image", json!("nginx:2"), ""),
            ("/spec/activeDeadlineSeconds", json!(5), ""),
            ("/spec/tolerations", json!([{"key": "a", "operator": "Exists"}]), ""),
            ("/spec/nodeName", json!("wharf"), ""),
            ("/metadata/labels", json!({"a": "b"}), ""),
            ("/spec/containers/0/env/0/value", json!("2"), containers),
        ],
    );
    let mut bound = pod();
    bound["spec"]["nodeName"] = json!("wharf");
    updates("Pod", &bound, &[("/spec/nodeName", json!("other"), node)]);
}
