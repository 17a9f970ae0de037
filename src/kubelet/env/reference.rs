//! Looks up what `valueFrom` and `envFrom` name.

use k8s_openapi::api::core::v1::{ConfigMap, Container, EnvVarSource, Node, Pod, ResourceFieldSelector, Secret};

use super::Facts;
use crate::api::{Object, View, quantity};
use crate::kubelet::missing::Missing;

/// What a reference is resolved against.
pub struct Scope<'a> {
    pub view: &'a View,
    pub pod: &'a Pod,
    pub container: &'a Container,
    pub facts: &'a Facts,
}

/// The pairs of a whole ConfigMap; none if it is absent and optional.
pub fn config_map(view: &View, namespace: &str, name: &str, optional: bool) -> Result<Vec<(String, String)>, Missing> {
    match view.get::<ConfigMap>(namespace, name) {
        Some(map) => Ok(map.data.clone().unwrap_or_default().into_iter().collect()),
        None if optional => Ok(Vec::new()),
        None => Err(Missing::Object { kind: "configmap", name: name.to_owned() }),
    }
}

/// The pairs of a whole Secret; none if it is absent and optional.
pub fn secret(view: &View, namespace: &str, name: &str, optional: bool) -> Result<Vec<(String, String)>, Missing> {
    match view.get::<Secret>(namespace, name) {
        Some(secret) => {
            let data = secret.data.iter().flatten();
            data.map(|(key, value)| Ok((key.clone(), text(secret, key, &value.0)?))).collect()
        }
        None if optional => Ok(Vec::new()),
        None => Err(Missing::Object { kind: "secret", name: name.to_owned() }),
    }
}

/// The value of a `valueFrom`; `None` where it is absent and optional.
pub fn value(scope: &Scope, source: &EnvVarSource) -> Result<Option<String>, Missing> {
    let namespace = scope.pod.namespace();
    if let Some(field) = &source.field_ref {
        return self::field(scope.pod, scope.facts, &field.field_path).map(Some);
    }
    if let Some(resource) = &source.resource_field_ref {
        return self::resource(scope.view, scope.pod, &scope.facts.node, Some(scope.container), resource).map(Some);
    }
    if let Some(wanted) = &source.config_map_key_ref {
        let optional = wanted.optional.unwrap_or(false);
        let pairs = config_map(scope.view, namespace, &wanted.name, optional)?;
        let found = pairs.into_iter().find(|(key, _)| *key == wanted.key).map(|(_, value)| value);
        return present(found, optional, "ConfigMap", namespace, &wanted.name, &wanted.key);
    }
    if let Some(wanted) = &source.secret_key_ref {
        let optional = wanted.optional.unwrap_or(false);
        let Some(secret) = scope.view.get::<Secret>(namespace, &wanted.name) else {
            let missing = Missing::Object { kind: "secret", name: wanted.name.clone() };
            return if optional { Ok(None) } else { Err(missing) };
        };
        let bytes = secret.data.as_ref().and_then(|data| data.get(&wanted.key));
        let found = bytes.map(|b| text(secret, &wanted.key, &b.0)).transpose()?;
        return present(found, optional, "Secret", namespace, &wanted.name, &wanted.key);
    }
    Err(Missing::Unsupported("fileKeyRef is not supported".to_owned()))
}

fn present(
    found: Option<String>,
    optional: bool,
    kind: &'static str,
    namespace: &str,
    name: &str,
    key: &str,
) -> Result<Option<String>, Missing> {
    if found.is_some() || optional {
        return Ok(found);
    }
    Err(Missing::Key { kind, namespace: namespace.to_owned(), name: name.to_owned(), key: key.to_owned() })
}

fn text(secret: &Secret, key: &str, bytes: &[u8]) -> Result<String, Missing> {
    let text = std::str::from_utf8(bytes).ok().filter(|t| !t.contains('\0')).map(str::to_owned);
    text.ok_or_else(|| Missing::NotText {
        namespace: secret.namespace().to_owned(),
        name: secret.name().to_owned(),
        key: key.to_owned(),
    })
}

/// A field of the pod. <https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#downwardapi-fieldRef>
pub fn field(pod: &Pod, facts: &Facts, path: &str) -> Result<String, Missing> {
    let account = pod.spec.as_ref().and_then(|s| s.service_account_name.as_deref());
    let value = match path {
        "metadata.name" => pod.name(),
        "metadata.namespace" => pod.namespace(),
        "metadata.uid" => pod.uid(),
        "spec.nodeName" => &facts.node,
        "spec.serviceAccountName" => account.unwrap_or("default"),
        "status.podIP" | "status.podIPs" => &facts.pod_ip,
        "status.hostIP" | "status.hostIPs" => &facts.host_ip,
        _ => {
            let quoted = |prefix| path.strip_prefix(prefix)?.strip_suffix("']");
            if let Some(label) = quoted("metadata.labels['") {
                pod.label(label).unwrap_or_default()
            } else if let Some(annotation) = quoted("metadata.annotations['") {
                pod.annotation(annotation).unwrap_or_default()
            } else {
                return Err(Missing::Unsupported(format!("unsupported fieldPath: {path}")));
            }
        }
    };
    Ok(value.to_owned())
}

/// A limit or request in units of the divisor, rounded up, of the container that the reference names, or else of `own`. A
/// limit that is not set is what the node can give, a request that is not set is the limit, or nothing.
/// <https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#downwardapi-resourceFieldRef>
///
/// # Errors
/// If there is no such container or resource.
pub fn resource(
    view: &View,
    pod: &Pod,
    node: &str,
    own: Option<&Container>,
    wanted: &ResourceFieldSelector,
) -> Result<String, Missing> {
    let (list, name) = wanted.resource.split_once('.').unwrap_or_default();
    if !matches!(list, "limits" | "requests") || !matches!(name, "cpu" | "memory" | "ephemeral-storage") {
        return Err(Missing::Unsupported(format!("unsupported container resource: {}", wanted.resource)));
    }
    let other = wanted.container_name.as_deref().unwrap_or_default();
    let container = if other.is_empty() { own } else { named(pod, other) };
    let unknown = || Missing::Unsupported(format!("container {other} not found in pod {}", pod.name()));
    let resources = container.ok_or_else(unknown)?.resources.as_ref();
    let limit = resources.and_then(|r| r.limits.as_ref()).and_then(|l| l.get(name));
    let request = resources.and_then(|r| r.requests.as_ref()).and_then(|l| l.get(name));
    let text = match (list, limit, request) {
        ("limits", Some(limit), _) => limit.0.clone(),
        ("limits", None, _) => allocatable(view, node, name)?,
        (_, limit, request) => request.or(limit).map_or_else(|| "0".to_owned(), |q| q.0.clone()),
    };
    let divisor = wanted.divisor.as_ref().map_or("1", |d| if d.0.is_empty() || d.0 == "0" { "1" } else { &d.0 });
    let milli = |text: &str| quantity::milli(text).map_err(Missing::Unsupported);
    let (value, divisor) = (milli(&text)?, milli(divisor)?.max(1));
    Ok(((value + divisor - 1) / divisor).to_string())
}

fn named<'a>(pod: &'a Pod, name: &str) -> Option<&'a Container> {
    let spec = pod.spec.as_ref()?;
    spec.containers.iter().chain(spec.init_containers.iter().flatten()).find(|c| c.name == name)
}

fn allocatable(view: &View, node: &str, name: &str) -> Result<String, Missing> {
    let missing = || Missing::Object { kind: "node", name: node.to_owned() };
    let status = view.get::<Node>("", node).ok_or_else(missing)?.status.as_ref();
    let given = status.and_then(|s| s.allocatable.as_ref()).and_then(|a| a.get(name));
    Ok(given.map_or_else(|| "0".to_owned(), |q| q.0.clone()))
}
