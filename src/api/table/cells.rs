//! What stands in one cell, for the kinds whose cells need more than a field.

use serde_json::Value;

/// The text or number at a JSON pointer, or `otherwise`.
pub(super) fn text(object: &Value, pointer: &str, otherwise: &str) -> String {
    match object.pointer(pointer) {
        Some(Value::String(text)) if !text.is_empty() => text.clone(),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        _ => otherwise.to_owned(),
    }
}

/// The list at a JSON pointer; empty without one.
pub(super) fn list<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    object.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The texts joined by commas, or `<none>`.
pub(super) fn joined(parts: impl IntoIterator<Item = String>) -> String {
    let all = parts.into_iter().collect::<Vec<_>>().join(",");
    if all.is_empty() { "<none>".to_owned() } else { all }
}

/// How many entries the maps at the pointers have together.
pub(super) fn count(object: &Value, pointers: &[&str]) -> String {
    let size = |p: &&str| object.pointer(p).and_then(Value::as_object).map_or(0, serde_json::Map::len);
    pointers.iter().map(size).sum::<usize>().to_string()
}

/// A selector or labels: `a=b,c=d`.
pub(super) fn pairs(object: &Value, pointer: &str) -> String {
    let map = object.pointer(pointer).and_then(Value::as_object);
    joined(map.into_iter().flatten().map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default())))
}

/// One field of each container of a pod template.
pub(super) fn containers(object: &Value, field: &str) -> String {
    joined(list(object, "/spec/template/spec/containers").iter().map(|c| text(c, &format!("/{field}"), "")))
}

/// `80:30080/TCP,443/TCP`.
pub(super) fn service_ports(object: &Value) -> String {
    joined(list(object, "/spec/ports").iter().map(|port| {
        let node = text(port, "/nodePort", "");
        let node = if node.is_empty() { node } else { format!(":{node}") };
        format!("{}{node}/{}", text(port, "/port", ""), text(port, "/protocol", "TCP"))
    }))
}

/// Where a service or ingress can be reached from outside.
pub(super) fn load_balancer(object: &Value) -> String {
    let points = list(object, "/status/loadBalancer/ingress");
    joined(points.iter().map(|p| text(p, "/ip", &text(p, "/hostname", "")))).replace("<none>", "")
}

/// A service's external address: the name of ExternalName, the point of LoadBalancer, `<none>` otherwise.
pub(super) fn external(object: &Value) -> String {
    let point = load_balancer(object);
    match text(object, "/spec/type", "ClusterIP").as_str() {
        "ExternalName" => text(object, "/spec/externalName", ""),
        "LoadBalancer" if point.is_empty() => "<pending>".to_owned(),
        "LoadBalancer" => point,
        _ => "<none>".to_owned(),
    }
}

/// `RWO,ROX`.
pub(super) fn access_modes(object: &Value) -> String {
    let short = |mode: &Value| match mode.as_str() {
        Some("ReadWriteOnce") => "RWO",
        Some("ReadOnlyMany") => "ROX",
        Some("ReadWriteMany") => "RWX",
        Some("ReadWriteOncePod") => "RWOP",
        _ => "?",
    };
    list(object, "/spec/accessModes").iter().map(short).collect::<Vec<_>>().join(",")
}

/// `10.1.0.2:80,10.1.0.3:80`, at most three and how many more.
pub(super) fn endpoints(object: &Value) -> String {
    let mut all = Vec::new();
    for subset in list(object, "/subsets") {
        for address in list(subset, "/addresses") {
            let ip = text(address, "/ip", "");
            let ports = list(subset, "/ports");
            all.extend(ports.iter().map(|p| format!("{ip}:{}", text(p, "/port", ""))));
            all.extend(ports.is_empty().then_some(ip));
        }
    }
    let more = all.len().saturating_sub(3);
    all.truncate(3);
    if more == 0 { joined(all) } else { format!("{} + {more} more...", joined(all)) }
}

/// `True` of condition `Ready` as a node's status.
pub(super) fn node_status(object: &Value) -> String {
    let ready = list(object, "/status/conditions").iter().find(|c| c["type"] == "Ready");
    if ready.is_some_and(|c| c["status"] == "True") { "Ready".to_owned() } else { "NotReady".to_owned() }
}

/// `statefulset.apps/web`: what controls an object.
pub(super) fn owner(object: &Value) -> String {
    let owner = list(object, "/metadata/ownerReferences").iter().find(|o| o["controller"] == true);
    owner.map_or_else(
        || "<none>".to_owned(),
        |owner| {
            let api_version = text(owner, "/apiVersion", "");
            let group = api_version.rsplit_once('/').map(|(group, _)| format!(".{group}")).unwrap_or_default();
            format!("{}{group}/{}", text(owner, "/kind", "").to_lowercase(), text(owner, "/name", ""))
        },
    )
}

/// `pod/web-0`, as events name what they are about.
pub(super) fn involved(object: &Value) -> String {
    let kind = text(object, "/involvedObject/kind", "").to_lowercase();
    format!("{kind}/{}", text(object, "/involvedObject/name", ""))
}

/// The subjects of one kind that a binding names, joined by commas; a service account with its namespace.
pub(super) fn subjects(object: &Value, kind: &str) -> String {
    let named =
        list(object, "/subjects").iter().filter(|s| s["kind"] == kind).map(|s| match text(s, "/namespace", "") {
            namespace if namespace.is_empty() => text(s, "/name", ""),
            namespace => format!("{namespace}/{}", text(s, "/name", "")),
        });
    joined(named).replace("<none>", "")
}
