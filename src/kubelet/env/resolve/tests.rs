//! Environments of containers, from manifests.

use k8s_openapi::api::core::v1::{ConfigMap, Node, Secret, Service};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;

fn of<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn view() -> View {
    let mut view = View::of([
        of::<ConfigMap>(
            json!({"metadata": {"name": "config", "namespace": "shop"}, "data": {"COLOUR": "red", "LEVEL": "1"}}),
        ),
        of(json!({"metadata": {"name": "config", "namespace": "other"}, "data": {"COLOUR": "wrong"}})),
    ]);
    let secret =
        json!({"metadata": {"name": "keys", "namespace": "shop"}, "data": {"PASSWORD": "c2VzYW1l", "RAW": "/w=="}});
    view.extend([of::<Secret>(secret)]);
    let ports = json!([{"port": 80, "name": "http"}, {"port": 53, "name": "dns-udp", "protocol": "UDP"}]);
    view.extend([
        of::<Service>(json!({"metadata": {"name": "web-app", "namespace": "shop"}, "spec": {"clusterIP": "10.0.0.9", "ports": ports}})),
        of(json!({"metadata": {"name": "none", "namespace": "shop"}, "spec": {"clusterIP": "None", "ports": ports}})),
        of(json!({"metadata": {"name": "far", "namespace": "other"}, "spec": {"clusterIP": "10.0.0.8", "ports": ports}})),
        of(json!({"metadata": {"name": "kubernetes", "namespace": "default"}, "spec": {"clusterIP": "10.0.0.1", "ports": [{"port": 443}]}})),
    ]);
    view.extend([of::<Node>(
        json!({"metadata": {"name": "box"}, "status": {"allocatable": {"cpu": "2", "memory": "3Gi"}}}),
    )]);
    view
}

fn try_env(container: &Value, spec: Value) -> Result<String, String> {
    let mut spec = spec;
    spec["containers"] = json!([container]);
    let metadata = json!({"name": "web-1", "namespace": "shop", "uid": "u1", "labels": {"app": "web"}, "annotations": {"x/y": "z"}});
    let pod: Pod = of(json!({"metadata": metadata, "spec": spec}));
    let facts = Facts { pod_ip: "10.1.0.2".into(), host_ip: "10.1.0.1".into(), node: "box".into() };
    let env = resolve(&view(), &pod, &pod.spec.as_ref().unwrap().containers[0], &facts).map_err(|e| e.to_string())?;
    Ok(env.iter().map(|(name, value)| format!("{name}={value}\n")).collect::<Vec<_>>().concat())
}

/// The environment without the services' variables.
fn env(container: &Value) -> Result<String, String> {
    let all = try_env(container, json!({"enableServiceLinks": false}))?;
    Ok(all.lines().filter(|l| !l.starts_with("KUBERNETES_")).map(|l| format!("{l}\n")).collect::<Vec<_>>().concat())
}

#[test]
fn services_of_the_namespace() {
    insta::assert_snapshot!(try_env(&json!({"name": "c"}), json!({})).unwrap(), @r"
    KUBERNETES_PORT=tcp://10.0.0.1:443
    KUBERNETES_PORT_443_TCP=tcp://10.0.0.1:443
    KUBERNETES_PORT_443_TCP_ADDR=10.0.0.1
    KUBERNETES_PORT_443_TCP_PORT=443
    KUBERNETES_PORT_443_TCP_PROTO=tcp
    KUBERNETES_SERVICE_HOST=10.0.0.1
    KUBERNETES_SERVICE_PORT=443
    WEB_APP_PORT=tcp://10.0.0.9:80
    WEB_APP_PORT_53_UDP=udp://10.0.0.9:53
    WEB_APP_PORT_53_UDP_ADDR=10.0.0.9
    WEB_APP_PORT_53_UDP_PORT=53
    WEB_APP_PORT_53_UDP_PROTO=udp
    WEB_APP_PORT_80_TCP=tcp://10.0.0.9:80
    WEB_APP_PORT_80_TCP_ADDR=10.0.0.9
    WEB_APP_PORT_80_TCP_PORT=80
    WEB_APP_PORT_80_TCP_PROTO=tcp
    WEB_APP_SERVICE_HOST=10.0.0.9
    WEB_APP_SERVICE_PORT=80
    WEB_APP_SERVICE_PORT_DNS_UDP=53
    WEB_APP_SERVICE_PORT_HTTP=80
    ");
}

#[test]
fn later_and_nearer_wins() {
    let container = json!({"name": "c",
    "envFrom": [
        {"configMapRef": {"name": "config"}},
        {"configMapRef": {"name": "config"}, "prefix": "C_"},
        {"configMapRef": {"name": "nowhere", "optional": true}},
        {"secretRef": {"name": "nowhere", "optional": true}},
    ],
    "env": [
        {"name": "EARLY", "value": "$(LATE) $(COLOUR) $(WEB_APP_SERVICE_HOST)"},
        {"name": "LEVEL", "value": "$(LEVEL)0"},
        {"name": "LATE", "value": "$$(COLOUR)"},
        {"name": "GONE", "valueFrom": {"configMapKeyRef": {"name": "config", "key": "no", "optional": true}}},
        {"name": "WEB_APP_SERVICE_PORT", "value": "mine"},
    ]});
    let all = try_env(&container, json!({})).unwrap();
    let own = all.lines().filter(|l| !l.contains("10.0.0.1") && !l.contains("_PORT_") && !l.starts_with("KUBE"));
    insta::assert_snapshot!(own.collect::<Vec<_>>().join("\n"), @r"
    COLOUR=red
    C_COLOUR=red
    C_LEVEL=1
    EARLY=$(LATE) red 10.0.0.9
    LATE=$(COLOUR)
    LEVEL=10
    WEB_APP_PORT=tcp://10.0.0.9:80
    WEB_APP_SERVICE_HOST=10.0.0.9
    WEB_APP_SERVICE_PORT=mine
    ");
}

#[test]
fn references() {
    let field = |name: &str, path: &str| json!({"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}});
    let resource = |name: &str, what: &str, divisor: &str| json!({"name": name, "valueFrom": {"resourceFieldRef": {"resource": what, "divisor": divisor}}});
    let container = json!({"name": "c", "resources": {"limits": {"cpu": "1500m"}, "requests": {"memory": "65Mi"}}, "env": [
        {"name": "A", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "PASSWORD"}}},
        field("B", "metadata.name"), field("C", "metadata.labels['app']"), field("D", "metadata.annotations['x/y']"),
        field("E", "spec.nodeName"), field("F", "spec.serviceAccountName"), field("G", "status.podIP"),
        field("H", "status.hostIP"), field("I", "metadata.labels['none']"), field("J", "metadata.uid"),
        resource("K", "limits.cpu", "0"), resource("L", "limits.cpu", "1m"), resource("M", "limits.memory", "1Gi"),
        resource("N", "requests.cpu", "1m"), resource("O", "requests.memory", "1M"), resource("P", "requests.memory", "0"),
    ]});
    insta::assert_snapshot!(env(&container).unwrap(), @r"
    A=sesame
    B=web-1
    C=web
    D=z
    E=box
    F=default
    G=10.1.0.2
    H=10.1.0.1
    I=
    J=u1
    K=2
    L=1500
    M=3
    N=1500
    O=69
    P=68157440
    ");
}

#[test]
fn what_is_missing_is_named() {
    let one = |source: Value| env(&json!({"name": "c", "env": [{"name": "A", "valueFrom": source}]})).unwrap_err();
    let all = |source: Value| env(&json!({"name": "c", "envFrom": [source]})).unwrap_err();
    let found = [
        one(json!({"configMapKeyRef": {"name": "x", "key": "k"}})),
        one(json!({"configMapKeyRef": {"name": "config", "key": "k"}})),
        one(json!({"secretKeyRef": {"name": "x", "key": "k"}})),
        one(json!({"secretKeyRef": {"name": "keys", "key": "k"}})),
        one(json!({"secretKeyRef": {"name": "keys", "key": "RAW"}})),
        one(json!({"fieldRef": {"fieldPath": "spec.hostname"}})),
        one(json!({"resourceFieldRef": {"resource": "limits.gpu"}})),
        all(json!({"configMapRef": {"name": "x"}})),
        all(json!({"secretRef": {"name": "x"}})),
    ];
    insta::assert_snapshot!(found.join("\n"), @r#"
    configmap "x" not found
    couldn't find key k in ConfigMap shop/config
    secret "x" not found
    couldn't find key k in Secret shop/keys
    key RAW in Secret shop/keys is not UTF-8 text without zero bytes
    unsupported fieldPath: spec.hostname
    unsupported container resource: limits.gpu
    configmap "x" not found
    secret "x" not found
    "#);
}
