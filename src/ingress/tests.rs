//! Views in, what is served, planned and told out.

mod certificates;
mod plans;
mod texts;

use serde_json::{Value, json};

use crate::api::{Kind, View};

/// A view of objects as they are in manifests.
fn view(objects: &[Value]) -> View {
    let mut view = View::default();
    for object in objects {
        let mut object = object.clone();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let kind = Kind::find(&text(&object["apiVersion"]), &text(&object["kind"])).unwrap();
        if kind.namespaced && object["metadata"]["namespace"].is_null() {
            object["metadata"]["namespace"] = json!("shop");
        }
        let key = crate::api::Key::of(kind, &object);
        view.insert(key, (kind.decode)(&object).unwrap());
    }
    view
}

fn ingress(name: &str, spec: Value) -> Value {
    let mut spec = spec;
    spec["ingressClassName"] = json!("nginx");
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": name}, "spec": spec})
}

fn path(path: &str, kind: &str, service: &str) -> Value {
    json!({"path": path, "pathType": kind, "backend": {"service": {"name": service, "port": {"number": 80}}}})
}

fn rule(host: &str, paths: &[Value]) -> Value {
    json!({"host": host, "http": {"paths": paths}})
}

/// A Service with these ready addresses behind its port 80.
fn service(name: &str, addresses: &[&str]) -> [Value; 2] {
    let endpoints: Vec<_> = addresses.iter().map(|a| json!({"addresses": [a]})).collect();
    [
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
            "spec": {"ports": [{"name": "http", "port": 80, "targetPort": 8080}]}}),
        json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": {"name": format!("{name}-x"), "labels": {"kubernetes.io/service-name": name}},
            "addressType": "IPv4", "endpoints": endpoints, "ports": [{"name": "http", "port": 8080}]}),
    ]
}
