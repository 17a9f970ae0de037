//! What Kubernetes refuses in a container's environment.

use k8s_openapi::api::core::v1::{Container, EnvFromSource, EnvVar, EnvVarSource};

use super::field::{invalid, named, required};
use super::name;
use crate::api::Problem;

/// The fields of a pod that a variable may take.
/// <https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#available-fields>
const FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// `env` and `envFrom` of the container at `path`.
pub fn env(path: &str, container: &Container) -> Vec<Problem> {
    let variables = container.env.iter().flatten().enumerate();
    let sources = container.env_from.iter().flatten().enumerate();
    let mut problems: Vec<_> = variables.flat_map(|(i, v)| variable(&format!("{path}.env[{i}]"), v)).collect();
    problems.extend(sources.flat_map(|(i, s)| all_of(&format!("{path}.envFrom[{i}]"), s)));
    problems
}

fn variable(path: &str, variable: &EnvVar) -> Vec<Problem> {
    let mut problems = required(&format!("{path}.name"), &variable.name, name::env);
    if let Some(source) = &variable.value_from {
        let path = format!("{path}.valueFrom");
        if variable.value.as_deref().is_some_and(|v| !v.is_empty()) {
            problems.push(invalid(&path, "", "may not be specified when `value` is not empty"));
        }
        problems.extend(value_from(&path, source));
    }
    problems
}

fn value_from(path: &str, source: &EnvVarSource) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut kinds = 0;
    if let Some(field) = &source.field_ref {
        kinds += 1;
        problems.extend(pod_field(&format!("{path}.fieldRef.fieldPath"), &field.field_path));
    }
    if let Some(field) = &source.resource_field_ref {
        kinds += 1;
        problems.extend(resource(&format!("{path}.resourceFieldRef.resource"), &field.resource));
    }
    if let Some(key) = &source.config_map_key_ref {
        kinds += 1;
        problems.extend(key_of(&format!("{path}.configMapKeyRef"), &key.name, &key.key));
    }
    if let Some(key) = &source.secret_key_ref {
        kinds += 1;
        problems.extend(key_of(&format!("{path}.secretKeyRef"), &key.name, &key.key));
    }
    kinds += i32::from(source.file_key_ref.is_some());
    if kinds == 0 {
        let one = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`";
        problems.push(invalid(path, "", one));
    } else if kinds > 1 {
        problems.push(invalid(path, "", "may not have more than one field specified at a time"));
    }
    problems
}

fn key_of(path: &str, object: &str, key: &str) -> Vec<Problem> {
    let mut problems = required(&format!("{path}.name"), object, name::subdomain);
    problems.extend(required(&format!("{path}.key"), key, name::config_key));
    problems
}

/// A field of the pod that a variable takes.
fn pod_field(path: &str, field: &str) -> Vec<Problem> {
    if field.is_empty() {
        return vec![Problem::required(path, "")];
    }
    if let Some(problems) = subscripted(path, field) {
        return problems;
    }
    if FIELDS.contains(&field) { Vec::new() } else { vec![Problem::not_supported(path, field, &FIELDS)] }
}

/// A single label or annotation; `None` if the field is none.
pub fn subscripted(path: &str, field: &str) -> Option<Vec<Problem>> {
    let subscript = |map: &str| field.strip_prefix(map)?.strip_prefix("['")?.strip_suffix("']");
    let key = subscript("metadata.labels").or_else(|| subscript("metadata.annotations"))?;
    Some(named(path, &key.to_ascii_lowercase(), name::qualified))
}

/// A container's resource, for variables and files alike.
pub fn resource(path: &str, resource: &str) -> Option<Problem> {
    let known = [
        "limits.cpu",
        "limits.ephemeral-storage",
        "limits.memory",
        "requests.cpu",
        "requests.ephemeral-storage",
        "requests.memory",
    ];
    if resource.is_empty() {
        return Some(Problem::required(path, ""));
    }
    let huge = resource.starts_with("limits.hugepages-") || resource.starts_with("requests.hugepages-");
    (!huge && !known.contains(&resource)).then(|| Problem::not_supported(path, resource, &known))
}

fn all_of(path: &str, source: &EnvFromSource) -> Vec<Problem> {
    let prefix = source.prefix.as_deref().filter(|p| !p.is_empty());
    let mut problems: Vec<_> =
        prefix.into_iter().flat_map(|p| named(&format!("{path}.prefix"), p, name::env)).collect();
    match (&source.config_map_ref, &source.secret_ref) {
        (None, None) => problems.push(invalid(path, "", "must specify one of: `configMapRef` or `secretRef`")),
        (Some(_), Some(_)) => {
            problems.push(invalid(path, "", "may not have more than one field specified at a time"));
        }
        (Some(map), None) => {
            problems.extend(required(&format!("{path}.configMapRef.name"), &map.name, name::subdomain));
        }
        (None, Some(secret)) => {
            problems.extend(required(&format!("{path}.secretRef.name"), &secret.name, name::subdomain));
        }
    }
    problems
}
