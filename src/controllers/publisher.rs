//! Publishers: for each Service that faces the host, a pod that takes its ports there and sends on to its address.
//!
//! A pod of its own, because the ports of a container can't be changed, and the Service's pods must not be touched.

use std::collections::BTreeMap;
use std::net::SocketAddrV4;

use k8s_openapi::api::core::v1::{
    Container, ContainerPort, Event, LoadBalancerIngress, LoadBalancerStatus, Node, Pod, PodSpec, Service,
    ServiceStatus,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, ObjectMeta, Time};

use crate::api::names::{self, IMAGE_ANNOTATION, PUBLISH, PUBLISHED, SYSTEM_NAMESPACE};
use crate::api::{Key, Kind, Object, Plan, Timestamp, View, conditions, trouble};

/// The label of a publisher with its Service's namespace.
const NAMESPACE_LABEL: &str = "wharf.service.namespace";
/// The label of a publisher with its Service's name.
const NAME_LABEL: &str = "wharf.service.name";
/// The annotation of a publisher with the hash of its specification.
const HASH: &str = "wharf.dev/spec-hash";

/// The Services that a changed key concerns: itself, that of the publisher or of an event about it, or all when the node
/// changes.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    let kind = Kind::of::<Service>();
    if changed.kind == kind {
        return vec![changed.clone()];
    }
    let event = changed.kind == Kind::of::<Event>();
    if event || changed.kind == Kind::of::<Pod>() {
        if changed.namespace != SYSTEM_NAMESPACE {
            return Vec::new();
        }
        // What keeps a publisher from running may be told by an event alone.
        let told = view.get::<Event>(SYSTEM_NAMESPACE, &changed.name).filter(|_| event);
        let told = told.and_then(|e| e.involved_object.name.as_deref());
        let pod = if event { told.unwrap_or_default() } else { &changed.name };
        // A pod that is gone can't say whose it was.
        let label = |label| view.get::<Pod>(SYSTEM_NAMESPACE, pod).and_then(|p| p.label(label));
        if let (Some(namespace), Some(name)) = (label(NAMESPACE_LABEL), label(NAME_LABEL)) {
            return vec![Key::new(kind, namespace, name)];
        }
        let named = |s: &&Service| pod_name(s.namespace(), s.name()) == pod;
        return view.all::<Service>().filter(named).map(Object::key).collect();
    }
    view.all::<Service>().filter(|s| !published(s).is_empty()).map(Object::key).collect()
}

/// What a Service's publisher needs next.
pub fn plan(view: &View, key: &Key, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let service = view.get::<Service>(&key.namespace, &key.name).filter(|s| !s.is_deleting());
    let image = view.all::<Node>().find_map(|n| n.annotation(IMAGE_ANNOTATION));
    let wanted = service.zip(image).and_then(|(service, image)| publisher(service, image));
    let pod = view.get::<Pod>(SYSTEM_NAMESPACE, &pod_name(&key.namespace, &key.name));
    match (pod, &wanted) {
        (None, Some(wanted)) => plan.create(wanted, format!("{key} has ports on the host")),
        (Some(pod), _) if pod.is_deleting() => {}
        (Some(pod), None) => plan.delete(pod, format!("{key} has no ports on the host")),
        (Some(pod), Some(wanted)) if pod.annotation(HASH) != wanted.annotation(HASH) => {
            plan.delete(pod, format!("the ports of {key} changed"));
        }
        (Some(pod), Some(_)) if is_finished(pod) => plan.delete(pod, "it has ended"),
        _ => {}
    }
    if let Some(service) = service {
        let pod = pod.filter(|p| wanted.as_ref().is_some_and(|w| p.annotation(HASH) == w.annotation(HASH)));
        status(view, service, pod, now, &mut plan);
    }
    plan
}

/// One port on the host.
struct Published {
    /// The host's address; the node's usual ones where it is `None`.
    address: Option<String>,
    protocol: String,
    host: i32,
    port: i32,
}

/// The Service's ports on the host: its node ports, and for a load balancer its ports themselves too; and where an
/// annotation asks for its first port.
fn published(service: &Service) -> Vec<Published> {
    let Some(spec) = &service.spec else { return Vec::new() };
    let asked = service.annotation(PUBLISH).and_then(|address| address.parse::<SocketAddrV4>().ok());
    if let (Some(at), Some(first)) = (asked, spec.ports.iter().flatten().next()) {
        let address = Some(at.ip().to_string());
        return vec![Published { address, protocol: "TCP".to_owned(), host: at.port().into(), port: first.port }];
    }
    let balances = match spec.type_.as_deref() {
        Some("LoadBalancer") => true,
        Some("NodePort") => false,
        _ => return Vec::new(),
    };
    let mut all = Vec::new();
    for port in spec.ports.iter().flatten() {
        let protocol = port.protocol.as_deref().unwrap_or("TCP");
        if !["TCP", "UDP"].contains(&protocol) {
            continue;
        }
        let hosts = [port.node_port.filter(|n| *n != 0), balances.then_some(port.port)];
        let on = |host| Published { address: None, protocol: protocol.to_owned(), host, port: port.port };
        all.extend(hosts.into_iter().flatten().map(on));
    }
    all
}

/// The pod that publishes a Service; none while it has no address or nothing to publish.
fn publisher(service: &Service, image: &str) -> Option<Pod> {
    let address = service.spec.as_ref()?.cluster_ip.as_deref().filter(|a| !a.is_empty() && *a != "None")?;
    let ports = published(service);
    if ports.is_empty() {
        return None;
    }
    let words = ports.iter().map(|p| format!("{}:{}={address}:{}", p.protocol.to_lowercase(), p.host, p.port));
    let container = Container {
        name: "publish".to_owned(),
        image: Some(image.to_owned()),
        args: Some(std::iter::once("publish".to_owned()).chain(words).collect()),
        ports: Some(ports.iter().map(container_port).collect()),
        ..Container::default()
    };
    let spec = PodSpec {
        containers: vec![container],
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        // Its successor can't have the ports before it has ended.
        termination_grace_period_seconds: Some(5),
        ..PodSpec::default()
    };
    let labels = [(NAMESPACE_LABEL, service.namespace()), (NAME_LABEL, service.name())];
    let metadata = ObjectMeta {
        name: Some(pod_name(service.namespace(), service.name())),
        namespace: Some(SYSTEM_NAMESPACE.to_owned()),
        labels: Some(labels.map(|(k, v)| (k.to_owned(), v.to_owned())).into()),
        annotations: Some(BTreeMap::from([(HASH.to_owned(), names::hash(&spec))])),
        ..ObjectMeta::default()
    };
    Some(Pod { metadata, spec: Some(spec), status: None })
}

/// The publisher listens on the same port inside, so that its arguments say all.
fn container_port(port: &Published) -> ContainerPort {
    ContainerPort {
        container_port: port.host,
        host_ip: port.address.clone(),
        host_port: Some(port.host),
        protocol: Some(port.protocol.clone()),
        ..ContainerPort::default()
    }
}

/// `publish-shop-web-x2b4k`: what is cut off or ambiguous is in the hash.
fn pod_name(namespace: &str, service: &str) -> String {
    let readable: String = format!("{namespace}-{service}").chars().take(48).collect();
    format!("publish-{}-{}", readable.trim_end_matches('-'), names::suffix(&format!("{namespace}/{service}"), 5))
}

fn is_finished(pod: &Pod) -> bool {
    matches!(pod.status.as_ref().and_then(|s| s.phase.as_deref()), Some("Failed" | "Succeeded"))
}

/// Says whether the Service can be reached from the host, and warns once of each thing that is in the way.
fn status(view: &View, service: &Service, pod: Option<&Pod>, now: Timestamp, plan: &mut Plan) {
    let old = service.status.clone().unwrap_or_default();
    let ready =
        pod.is_some_and(|p| conditions::is_true(p.status.as_ref().and_then(|s| s.conditions.as_ref()), "Ready"));
    let balances = service.spec.as_ref().and_then(|s| s.type_.as_deref()) == Some("LoadBalancer");
    let localhost = LoadBalancerIngress { hostname: Some("localhost".to_owned()), ..LoadBalancerIngress::default() };
    let mut new = ServiceStatus {
        load_balancer: Some(LoadBalancerStatus { ingress: (ready && balances).then(|| vec![localhost]) }),
        ..old.clone()
    };
    let words = pod.and_then(|p| trouble::of_pod(view, p));
    let list = new.conditions.get_or_insert_default();
    let before = list.iter().position(|c| c.type_ == PUBLISHED);
    let told = before.map(|i| list[i].message.clone());
    match words {
        Some(words) if told.as_ref() != Some(&words) => {
            plan.warn(service, "NotPublished", format!("its ports are not on the host: {words}"));
            before.map(|i| list.remove(i));
            list.push(not_published(words, now));
        }
        None if ready || pod.is_none() => drop(before.map(|i| list.remove(i))),
        _ => {}
    }
    new.conditions = new.conditions.filter(|c| !c.is_empty());
    let bare = |s: &ServiceStatus| s.load_balancer.as_ref().and_then(|b| b.ingress.clone()).unwrap_or_default();
    if bare(&new) != bare(&old) || new.conditions != old.conditions {
        plan.update_status(&Service { status: Some(new), ..service.clone() }, "");
    }
}

fn not_published(words: String, now: Timestamp) -> Condition {
    Condition {
        type_: PUBLISHED.to_owned(),
        status: "False".to_owned(),
        reason: "PublisherNotReady".to_owned(),
        message: words,
        last_transition_time: Time(now),
        observed_generation: None,
    }
}

#[cfg(test)]
mod tests;
