//! Services, Ingresses and endpoints.

use serde_json::{Value, json};

use super::{creates, updates};

fn service() -> Value {
    json!({"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}})
}

#[test]
fn services() {
    creates(
        "Service",
        &service(),
        &[
            ("/metadata/name", json!("1web"), "metadata.name: Invalid value: \"1web\": a DNS-1035 label"),
            ("/spec/ports", json!([]), "spec.ports: Required value"),
            ("/spec/ports/1", json!({"port": 81, "name": "b"}), "spec.ports[0].name: Required value"),
            (
                "/spec/ports",
                json!([{"port": 80, "name": "a"}, {"port": 81, "name": "a"}]),
                "spec.ports[1].name: Duplicate value: \"a\"",
            ),
            (
                "/spec/ports",
                json!([{"port": 80, "name": "a"}, {"port": 80, "name": "b"}]),
                "spec.ports[1]: Duplicate value: \"80/TCP\"",
            ),
            ("/spec/ports", json!([{"port": 80, "name": "a"}, {"port": 80, "name": "b", "protocol": "UDP"}]), ""),
            (
                "/spec/ports/0/targetPort",
                json!("A"),
                "spec.ports[0].targetPort: Invalid value: \"A\": must contain only alpha-numeric characters (a-z, 0-9), and \
             hyphens (-)\nspec.ports[0].targetPort: Invalid value: \"A\": must contain at least one letter (a-z)",
            ),
            (
                "/spec/ports/0/nodePort",
                json!(30_080),
                "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
            ),
            (
                "/spec",
                json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": 8080}]}),
                "spec.ports[0].nodePort: Invalid value: 8080: provided port is not in the valid range. The range of valid \
             ports is 30000-32767",
            ),
        ],
    );
}

#[test]
fn addresses_and_types_of_services() {
    creates(
        "Service",
        &service(),
        &[
            ("/spec/clusterIP", json!("None"), ""),
            (
                "/spec/clusterIP",
                json!("10.0.0"),
                "spec.clusterIPs[0]: Invalid value: \"10.0.0\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
            ),
            (
                "/spec",
                json!({"type": "LoadBalancer", "clusterIP": "None", "ports": [{"port": 80}]}),
                "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for LoadBalancer services",
            ),
            ("/spec", json!({"type": "ExternalName"}), "spec.externalName: Required value"),
            ("/spec", json!({"type": "ExternalName", "externalName": "db.example.com."}), ""),
            (
                "/spec",
                json!({"type": "ExternalName", "externalName": "a", "clusterIP": "10.0.0.1"}),
                "spec.clusterIPs: Forbidden: may not be set for ExternalName services",
            ),
            (
                "/spec/type",
                json!("Host"),
                "spec.type: Unsupported value: \"Host\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"",
            ),
        ],
    );
    let mut placed = service();
    placed["spec"]["clusterIP"] = json!("10.201.128.9");
    updates(
        "Service",
        &placed,
        &[
            (
                "/spec/clusterIP",
                json!("10.201.128.10"),
                "spec.clusterIPs[0]: Invalid value: [\"10.201.128.10\"]: may not change once set",
            ),
            ("/spec/ports/0/port", json!(81), ""),
        ],
    );
}

fn ingress() -> Value {
    json!({"metadata": {"name": "web"}, "spec": {
        "tls": [{"hosts": ["web.example.com"], "secretName": "tls"}],
        "rules": [{"host": "web.example.com", "http": {"paths": [
            {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}],
    }})
}

#[test]
fn hosts_of_ingresses() {
    creates(
        "Ingress",
        &ingress(),
        &[
            ("/spec/rules", json!([]), "spec: Invalid value: either `defaultBackend` or `rules` must be specified"),
            (
                "/spec/rules/0/host",
                json!("10.0.0.1"),
                "spec.rules[0].host: Invalid value: \"10.0.0.1\": must be a DNS name, not an IP address",
            ),
            ("/spec/rules/0/host", json!("*.example.com"), ""),
            (
                "/spec/rules/0/host",
                json!("a.*.com"),
                "spec.rules[0].host: Invalid value: \"a.*.com\": a wildcard DNS-1123 subdomain must start with '*.', \
             followed by a valid DNS subdomain, which",
            ),
            (
                "/spec/rules/0/host",
                json!("a;b"),
                "spec.rules[0].host: Invalid value: \"a;b\": a lowercase RFC 1123 subdomain",
            ),
        ],
    );
}

#[test]
fn paths_and_backends() {
    creates(
        "Ingress",
        &ingress(),
        &[
            (
                "/spec/rules/0/http/paths/0/pathType",
                json!(null),
                "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified",
            ),
            (
                "/spec/rules/0/http/paths/0/pathType",
                json!("Regex"),
                "spec.rules[0].http.paths[0].pathType: Unsupported value: \"Regex\": supported values: \"Exact\", \
             \"ImplementationSpecific\", \"Prefix\"",
            ),
            (
                "/spec/rules/0/http/paths/0/path",
                json!("x"),
                "spec.rules[0].http.paths[0].path: Invalid value: \"x\": must be an absolute path",
            ),
            (
                "/spec/rules/0/http/paths/0/path",
                json!("/a//b/.."),
                "spec.rules[0].http.paths[0].path: Invalid value: \"/a//b/..\": must not contain '//'\n\
             spec.rules[0].http.paths[0].path: Invalid value: \"/a//b/..\": must not end with '/..'",
            ),
            (
                "/spec/rules/0/http/paths/0/backend",
                json!({}),
                "spec.rules[0].http.paths[0].backend: Invalid value: \"\": resource or service backend is required",
            ),
            (
                "/spec/rules/0/http/paths/0/backend/service/port",
                json!({"name": "http", "number": 80}),
                "spec.rules[0].http.paths[0].backend.service: Invalid value: \"\": cannot set both port name & port number",
            ),
            (
                "/spec/rules/0/http/paths/0/backend/service/port",
                json!(null),
                "spec.rules[0].http.paths[0].backend.service: Required value: port name or number is required",
            ),
            (
                "/spec/tls/0/hosts/0",
                json!("A"),
                "spec.tls[0].hosts[0]: Invalid value: \"A\": a lowercase RFC 1123 subdomain",
            ),
        ],
    );
}

#[test]
fn ingress_classes() {
    let class = json!({"metadata": {"name": "nginx"}, "spec": {"controller": "k8s.io/ingress-nginx"}});
    creates(
        "IngressClass",
        &class,
        &[(
            "/spec/controller",
            json!("nginx"),
            "spec.controller: Invalid value: \"nginx\": must be a domain-prefixed path (such as \"acme.io/foo\")",
        )],
    );
    updates(
        "IngressClass",
        &class,
        &[("/spec/controller", json!("a.io/b"), "spec.controller: Invalid value: \"a.io/b\": field is immutable")],
    );
}

#[test]
fn endpoints() {
    let slice = json!({"metadata": {"name": "web-x"}, "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.0.0.1"]}], "ports": [{"port": 80}]});
    creates(
        "EndpointSlice",
        &slice,
        &[
            (
                "/addressType",
                json!("Unix"),
                "addressType: Unsupported value: \"Unix\": supported values: \"FQDN\", \"IPv4\", \"IPv6\"",
            ),
            (
                "/endpoints/0/addresses",
                json!([]),
                "endpoints[0].addresses: Required value: must contain at least 1 address",
            ),
            (
                "/endpoints/0/addresses/0",
                json!("x"),
                "endpoints[0].addresses[0]: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
            ),
            ("/ports/0/port", json!(0), "ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"),
        ],
    );
    let endpoints = json!({"metadata": {"name": "web"},
        "subsets": [{"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 80}]}]});
    creates(
        "Endpoints",
        &endpoints,
        &[(
            "/subsets/0/addresses/0/ip",
            json!("x"),
            "subsets[0].addresses[0].ip: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
        )],
    );
}
