//! Deployments and ReplicaSets.

use serde_json::{Value, json};

use super::{creates, updates};

fn workload() -> Value {
    json!({"metadata": {"name": "web"}, "spec": {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web", "tier": "front"}},
            "spec": {"containers": [{"name": "c", "image": "nginx"}]}},
    }})
}

#[test]
fn selectors() {
    for (kind, words) in [("Deployment", "deployment"), ("ReplicaSet", "replica set")] {
        let empty: &str =
            format!("spec.selector: Invalid value: {{\"matchLabels\":{{}}}}: empty selector is invalid for {words}")
                .leak();
        creates(
            kind,
            &workload(),
            &[
                ("/spec/selector", json!(null), "spec.selector: Required value"),
                ("/spec/selector/matchLabels", json!({}), empty),
                (
                    "/spec/selector/matchLabels/app",
                    json!("wbe"),
                    "spec.template.metadata.labels: Invalid value: {\"app\":\"web\",\"tier\":\"front\"}: `selector` does not match template `labels`",
                ),
                ("/spec/selector/matchExpressions", json!([{"key": "app", "operator": "In", "values": ["web"]}]), ""),
                (
                    "/spec/selector/matchExpressions",
                    json!([{"key": "app", "operator": "Is"}]),
                    "spec.selector.matchExpressions[0].operator: Invalid value: \"Is\": not a valid selector operator",
                ),
                (
                    "/spec/selector/matchExpressions",
                    json!([{"key": "app", "operator": "In"}]),
                    "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
                ),
                (
                    "/spec/template/spec/restartPolicy",
                    json!("Never"),
                    "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"",
                ),
                ("/spec/replicas", json!(-1), "spec.replicas: Invalid value: -1: must be greater than or equal to 0"),
                (
                    "/spec/template/spec/containers/0/image",
                    json!(""),
                    "spec.template.spec.containers[0].image: Required value",
                ),
            ],
        );
        updates(
            kind,
            &workload(),
            &[
                (
                    "/spec/selector/matchLabels",
                    json!({"tier": "front"}),
                    "spec.selector: Invalid value: {\"matchLabels\":{\"tier\":\"front\"}}: field is immutable",
                ),
                ("/spec/replicas", json!(3), ""),
            ],
        );
    }
}

#[test]
fn strategies() {
    let path = "/spec/strategy";
    creates(
        "Deployment",
        &workload(),
        &[
            (path, json!({"type": "Recreate"}), ""),
            (
                path,
                json!({"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}),
                "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
            ),
            (
                path,
                json!({"type": "BlueGreen"}),
                "spec.strategy.type: Unsupported value: \"BlueGreen\": supported values: \"Recreate\", \"RollingUpdate\"",
            ),
            (
                path,
                json!({"rollingUpdate": {"maxSurge": 0, "maxUnavailable": "0%"}}),
                "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"0%\": may not be 0 when `maxSurge` is 0",
            ),
            (
                path,
                json!({"rollingUpdate": {"maxUnavailable": "101%"}}),
                "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%",
            ),
            (
                path,
                json!({"rollingUpdate": {"maxSurge": "x"}}),
                "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"x\": a valid percent string must be a numeric string \
             followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
            ),
            (
                "/spec/progressDeadlineSeconds",
                json!(0),
                "spec.progressDeadlineSeconds: Invalid value: 0: must be greater than minReadySeconds",
            ),
        ],
    );
}
