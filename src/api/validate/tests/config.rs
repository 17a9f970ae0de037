//! ConfigMaps, Secrets and Events.

use serde_json::json;

use super::{creates, problems, updates};

#[test]
fn config_maps() {
    let map = json!({"metadata": {"name": "c"}, "data": {"app.conf": "x"}});
    creates(
        "ConfigMap",
        &map,
        &[
            ("/data/a b", json!("x"), "data[a b]: Invalid value: \"a b\": a valid config key"),
            ("/data/..x", json!("x"), "data[..x]: Invalid value: \"..x\": must not start with '..'"),
            (
                "/binaryData",
                json!({"app.conf": "eA=="}),
                "binaryData[app.conf]: Invalid value: \"app.conf\": duplicate of key present in data",
            ),
        ],
    );
    let mut large = map.clone();
    large["data"]["big"] = json!("x".repeat(1 << 20));
    assert_eq!(problems("ConfigMap", &large, None), "data: Invalid value: must have at most 1048576 bytes");
    let mut fixed = map;
    fixed["immutable"] = json!(true);
    updates(
        "ConfigMap",
        &fixed,
        &[
            ("/data/app.conf", json!("y"), "data: Forbidden: field is immutable when `immutable` is set"),
            ("/immutable", json!(false), "immutable: Forbidden: field is immutable when `immutable` is set"),
            ("/metadata/labels", json!({"a": "b"}), ""),
        ],
    );
}

#[test]
fn secrets() {
    let tls = json!({"metadata": {"name": "s"}, "type": "kubernetes.io/tls",
        "stringData": {"tls.crt": "cert", "tls.key": "key"}});
    creates(
        "Secret",
        &tls,
        &[
            ("/stringData/tls.key", json!(null), "data[tls.key]: Required value"),
            ("/type", json!("kubernetes.io/dockerconfigjson"), "data[.dockerconfigjson]: Required value"),
            ("/stringData/a:b", json!("hidden"), "data[a:b]: Invalid value: \"a:b\": a valid config key"),
        ],
    );
    let pull = json!({"metadata": {"name": "s"}, "type": "kubernetes.io/dockerconfigjson",
        "stringData": {".dockerconfigjson": "{}"}});
    creates(
        "Secret",
        &pull,
        &[(
            "/stringData/.dockerconfigjson",
            json!("hunter2"),
            "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": must be valid JSON",
        )],
    );
    updates(
        "Secret",
        &tls,
        &[
            ("/type", json!("Opaque"), "type: Invalid value: \"Opaque\": field is immutable"),
            ("/data/tls.key", json!("bmV3"), ""),
        ],
    );
}

#[test]
fn events() {
    let event = json!({"metadata": {"name": "e", "namespace": "shop"},
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "p"}, "type": "Normal"});
    creates(
        "Event",
        &event,
        &[
            ("/type", json!("Error"), "type: Unsupported value: \"Error\": supported values: \"Normal\", \"Warning\""),
            (
                "/metadata/namespace",
                json!("default"),
                "involvedObject.namespace: Invalid value: \"shop\": does not match event.namespace",
            ),
        ],
    );
}
