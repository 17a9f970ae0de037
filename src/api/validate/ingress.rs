//! What Kubernetes refuses in an Ingress.

use k8s_openapi::api::networking::v1::{HTTPIngressPath, Ingress, IngressBackend, IngressServiceBackend};

use super::field::{invalid, named, port, required};
use super::host::host;
use super::{meta, name};
use crate::api::Problem;

/// The problems of an ingress.
pub fn ingress(ingress: &Ingress, _: Option<&Ingress>) -> Vec<Problem> {
    let mut problems = meta::meta(&ingress.metadata, name::subdomain);
    let Some(spec) = &ingress.spec else {
        problems.push(Problem::required("spec", ""));
        return problems;
    };
    if spec.rules.as_ref().is_none_or(Vec::is_empty) && spec.default_backend.is_none() {
        problems.push(Problem::invalid("spec", "either `defaultBackend` or `rules` must be specified"));
    }
    problems.extend(spec.default_backend.iter().flat_map(|b| backend("spec.defaultBackend", b)));
    let class = spec.ingress_class_name.iter();
    problems.extend(class.flat_map(|c| named("spec.ingressClassName", c, name::subdomain)));
    for (i, tls) in spec.tls.iter().flatten().enumerate() {
        for (j, h) in tls.hosts.iter().flatten().enumerate() {
            problems.extend(host(&format!("spec.tls[{i}].hosts[{j}]"), h));
        }
        let secret = tls.secret_name.iter().filter(|s| !s.is_empty());
        problems.extend(secret.flat_map(|s| named(&format!("spec.tls[{i}].secretName"), s, name::subdomain)));
    }
    for (i, rule) in spec.rules.iter().flatten().enumerate() {
        let named = rule.host.iter().filter(|h| !h.is_empty());
        problems.extend(named.flat_map(|h| host(&format!("spec.rules[{i}].host"), h)));
        let Some(http) = &rule.http else { continue };
        if http.paths.is_empty() {
            problems.push(Problem::required(format!("spec.rules[{i}].http.paths"), ""));
        }
        for (j, path) in http.paths.iter().enumerate() {
            problems.extend(http_path(&format!("spec.rules[{i}].http.paths[{j}]"), path));
        }
    }
    problems
}

fn http_path(at: &str, path: &HTTPIngressPath) -> Vec<Problem> {
    let mut problems = Vec::new();
    let text = path.path.as_deref().unwrap_or_default();
    let field = format!("{at}.path");
    match path.path_type.as_str() {
        "" => problems.push(Problem::required(format!("{at}.pathType"), "pathType must be specified")),
        "Exact" | "Prefix" => problems.extend(exact_path(&field, text)),
        "ImplementationSpecific" if text.is_empty() || text.starts_with('/') => {}
        "ImplementationSpecific" => problems.push(invalid(field, text, "must be an absolute path")),
        other => {
            let kinds = ["Exact", "ImplementationSpecific", "Prefix"];
            problems.push(Problem::not_supported(format!("{at}.pathType"), other, &kinds));
        }
    }
    problems.extend(backend(&format!("{at}.backend"), &path.backend));
    problems
}

/// An absolute path in its plainest form.
fn exact_path(field: &str, text: &str) -> Vec<Problem> {
    if !text.starts_with('/') {
        return vec![invalid(field, text, "must be an absolute path")];
    }
    let within = ["//", "/./", "/../", "%2f", "%2F"].into_iter().filter(|part| text.contains(part));
    let mut problems: Vec<_> = within.map(|part| invalid(field, text, &format!("must not contain '{part}'"))).collect();
    let ends = ["/..", "/."].into_iter().filter(|end| text.ends_with(end));
    problems.extend(ends.map(|end| invalid(field, text, &format!("must not end with '{end}'"))));
    problems
}

fn backend(path: &str, backend: &IngressBackend) -> Vec<Problem> {
    match (&backend.service, &backend.resource) {
        (Some(_), Some(_)) => vec![invalid(path, "", "cannot set both resource and service backends")],
        (None, None) => vec![invalid(path, "", "resource or service backend is required")],
        (None, Some(_)) => {
            vec![Problem::forbidden(format!("{path}.resource"), "wharf has no resource backends: name a service")]
        }
        (Some(service), None) => service_backend(&format!("{path}.service"), service),
    }
}

fn service_backend(path: &str, service: &IngressServiceBackend) -> Vec<Problem> {
    let mut problems = required(&format!("{path}.name"), &service.name, name::label_1035);
    let wanted = service.port.as_ref();
    let text = wanted.and_then(|p| p.name.as_deref()).filter(|n| !n.is_empty());
    let number = wanted.and_then(|p| p.number).filter(|n| *n != 0);
    match (text, number) {
        (Some(_), Some(_)) => problems.push(invalid(path, "", "cannot set both port name & port number")),
        (None, None) => problems.push(Problem::required(path, "port name or number is required")),
        (Some(text), None) => problems.extend(named(&format!("{path}.port.name"), text, name::port)),
        (None, Some(number)) => problems.extend(port(&format!("{path}.port.number"), number)),
    }
    problems
}
