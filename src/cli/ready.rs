//! Decides whether an object is ready, still on its way, or will not get there, and says why. Pure.

mod job;
mod sets;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{ContainerStatus, PersistentVolumeClaim, Pod, PodStatus, Service};
use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use crate::api::conditions::is_true;
use crate::api::names::PUBLISHED;
use crate::api::{Key, Object, Timestamp, View, labels};

/// How an object stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Ready; a word about it.
    Ready(String),
    /// On its way; what it waits for.
    Waiting(String),
    /// It will not get there by itself; why.
    Failed(String),
}

use Readiness::{Failed, Ready, Waiting};

/// After so many seconds a trouble that could pass by itself counts as one that does not.
const PATIENCE: i64 = 15;
/// A container that crashed so often will crash again.
const CRASHES: i32 = 5;
/// A container that was started again after a crash counts as running after so many seconds.
const STEADY: i64 = 10;
/// A container that no readiness probe looks at is ready as soon as it runs; one that crashes does so within moments.
const MOMENT: i64 = 2;

/// How the object stands in the view. Kinds that have nothing to wait for are ready once they are there.
pub fn readiness(view: &View, key: &Key, now: Timestamp) -> Readiness {
    if !view.contains(key) {
        return Waiting("not there yet".to_owned());
    }
    match key.kind.kind {
        "Deployment" => view.get(&key.namespace, &key.name).map(|d| deployment(view, d, now)),
        "ReplicaSet" => view.get(&key.namespace, &key.name).map(|r| replica_set(view, r, now)),
        "Pod" => view.get(&key.namespace, &key.name).map(|p| pod(p, now)),
        "Job" => view.get(&key.namespace, &key.name).map(|j| job::job(j, &pods_of(view, key), now)),
        "PersistentVolumeClaim" => view.get(&key.namespace, &key.name).map(claim),
        "Service" => view.get(&key.namespace, &key.name).map(|s| service(s, now)),
        "Ingress" => view.get(&key.namespace, &key.name).map(ingress),
        _ => None,
    }
    .or_else(|| sets::readiness(view, key, now))
    .unwrap_or_else(|| Ready(String::new()))
}

/// Whether people want to see the object's way to being ready.
pub fn is_shown(view: &View, key: &Key) -> bool {
    match key.kind.kind {
        "Deployment"
        | "ReplicaSet"
        | "StatefulSet"
        | "DaemonSet"
        | "ReplicationController"
        | "Job"
        | "Pod"
        | "Ingress"
        | "PersistentVolumeClaim" => true,
        "Service" => view.get::<Service>(&key.namespace, &key.name).is_some_and(is_load_balancer),
        _ => false,
    }
}

/// The pods behind an object, in order: a workload's by its selector, a pod itself.
pub fn pods_of<'a>(view: &'a View, key: &Key) -> Vec<&'a Pod> {
    let selector = match key.kind.kind {
        "Pod" => return view.get::<Pod>(&key.namespace, &key.name).into_iter().collect(),
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" => {
            view.value(key).and_then(|object| serde_json::from_value(object["spec"]["selector"].clone()).ok())
        }
        "Service" | "ReplicationController" => view.value(key).and_then(|object| {
            let match_labels = serde_json::from_value(object["spec"]["selector"].clone()).ok()?;
            Some(LabelSelector { match_labels: Some(match_labels), match_expressions: None })
        }),
        _ => None,
    };
    let Some(selector) = selector else { return Vec::new() };
    view.list::<Pod>(&key.namespace).filter(|p| labels::matches(&selector, p.metadata.labels.as_ref())).collect()
}

fn deployment(view: &View, deployment: &Deployment, now: Timestamp) -> Readiness {
    let status = deployment.status.clone().unwrap_or_default();
    if status.observed_generation < deployment.metadata.generation {
        return Waiting("not seen yet".to_owned());
    }
    let wanted = deployment.spec.as_ref().and_then(|s| s.replicas).unwrap_or(1);
    let (updated, available, all) = (status.updated_replicas, status.available_replicas, status.replicas);
    let (updated, available, all) = (updated.unwrap_or(0), available.unwrap_or(0), all.unwrap_or(0));
    if updated == wanted && available >= wanted && all == wanted {
        let text = format!("{available} of {wanted} ready");
        let unsteady = pods_of(view, &deployment.key()).into_iter().find_map(|p| unsteady(p, now));
        return unsteady.map_or_else(|| Ready(text.clone()), |why| Waiting(format!("{text}; {why}")));
    }
    let text = if all > wanted && available.min(updated) >= wanted {
        format!("{} to end", all - wanted)
    } else {
        format!("{} of {wanted} ready", available.min(updated))
    };
    let expired = status.conditions.iter().flatten().find(|c| c.reason.as_deref() == Some("ProgressDeadlineExceeded"));
    let trouble = pods_of(view, &deployment.key()).into_iter().find_map(|p| trouble(p, now));
    match (trouble, expired) {
        (Some(Waiting(_)) | None, Some(condition)) => {
            Failed(format!("{text}; {}", condition.message.clone().unwrap_or_default()))
        }
        (trouble, _) => on_its_way(text, trouble),
    }
}

/// How far a workload is, and what troubles its pods, if anything.
fn on_its_way(text: String, trouble: Option<Readiness>) -> Readiness {
    match trouble {
        Some(Failed(why)) => Failed(format!("{text}; {why}")),
        Some(Waiting(why)) => Waiting(format!("{text}; {why}")),
        _ => Waiting(text),
    }
}

fn replica_set(view: &View, set: &ReplicaSet, now: Timestamp) -> Readiness {
    let wanted = set.spec.as_ref().and_then(|s| s.replicas).unwrap_or(1);
    let status = set.status.clone().unwrap_or_default();
    let ready = status.ready_replicas.unwrap_or(0);
    if status.observed_generation >= set.metadata.generation && ready == wanted && status.replicas == wanted {
        return Ready(format!("{ready} of {wanted} ready"));
    }
    let text = format!("{ready} of {wanted} ready");
    on_its_way(text, pods_of(view, &set.key()).into_iter().find_map(|p| trouble(p, now)))
}

fn pod(pod: &Pod, now: Timestamp) -> Readiness {
    let status = pod.status.clone().unwrap_or_default();
    match status.phase.as_deref() {
        Some("Succeeded") => return Ready("completed".to_owned()),
        Some("Failed") => return Failed(failure(&status)),
        _ => {}
    }
    if is_true(status.conditions.as_ref(), "Ready") {
        return unsteady(pod, now).map_or_else(|| Ready("ready".to_owned()), Waiting);
    }
    trouble(pod, now).unwrap_or_else(|| Waiting(status.phase.unwrap_or_else(|| "Pending".to_owned()).to_lowercase()))
}

/// Why a pod has failed: its own reason, or that of the container which did.
fn failure(status: &PodStatus) -> String {
    let all = status.init_container_statuses.iter().flatten().chain(status.container_statuses.iter().flatten());
    let mut ended = all.filter_map(|c| Some((&c.name, c.state.as_ref()?.terminated.as_ref()?)));
    let own = status.message.clone().or(status.reason.clone());
    let of_container = || {
        let (name, end) = ended.find(|(_, end)| end.exit_code != 0)?;
        Some(format!("{name}: {}, exit code {}", end.reason.as_deref().unwrap_or("Error"), end.exit_code))
    };
    own.or_else(of_container).unwrap_or_else(|| "failed".to_owned())
}

/// The container of a pod that runs, but may not for long: it has crashed a moment ago, or has only just started.
fn unsteady(pod: &Pod, now: Timestamp) -> Option<String> {
    fresh(pod, now).or_else(|| restarted(pod, now))
}

fn fresh(pod: &Pod, now: Timestamp) -> Option<String> {
    let is_probed = |name: &str| {
        let mut containers = pod.spec.iter().flat_map(|s| &s.containers);
        containers.any(|c| c.name == name && c.readiness_probe.is_some())
    };
    pod.status.as_ref()?.container_statuses.iter().flatten().find_map(|container| {
        let started = container.state.as_ref()?.running.as_ref()?.started_at.as_ref()?.0;
        // The clocks of this machine and of the Docker host may differ: a start that is still to come says nothing.
        let young = (0..MOMENT).contains(&now.duration_since(started).as_secs());
        let why = || format!("{}: {} has just started", pod.name(), container.name);
        (young && !is_probed(&container.name) && !pod.is_deleting()).then(why)
    })
}

fn restarted(pod: &Pod, now: Timestamp) -> Option<String> {
    pod.status.as_ref()?.container_statuses.iter().flatten().find_map(|container| {
        let started = container.state.as_ref()?.running.as_ref()?.started_at.as_ref()?.0;
        let code = container.last_state.as_ref()?.terminated.as_ref()?.exit_code;
        let young = now.duration_since(started).as_secs() < STEADY;
        let why = || format!("{}: {} runs again after exit code {code}", pod.name(), container.name);
        (young && code != 0 && !pod.is_deleting()).then(why)
    })
}

/// What keeps a pod from being ready, if it is more than time.
fn trouble(pod: &Pod, now: Timestamp) -> Option<Readiness> {
    if pod.is_deleting() {
        return None;
    }
    let status = pod.status.as_ref()?;
    let unscheduled = status.conditions.iter().flatten().find(|c| c.type_ == "PodScheduled" && c.status == "False");
    if let Some(condition) = unscheduled {
        let since = condition.last_transition_time.as_ref().map_or(now, |t| t.0);
        let why = format!("{}: {}", pod.name(), condition.message.clone().unwrap_or_default());
        return Some(grave_after(since, now, why));
    }
    let began = status.start_time.as_ref().map_or(now, |t| t.0);
    let mut all = status.init_container_statuses.iter().flatten().chain(status.container_statuses.iter().flatten());
    all.find_map(|c| container_trouble(pod.name(), c, began, now))
}

fn container_trouble(pod: &str, container: &ContainerStatus, began: Timestamp, now: Timestamp) -> Option<Readiness> {
    let waiting = container.state.as_ref()?.waiting.as_ref()?;
    let reason = waiting.reason.as_deref()?;
    if matches!(reason, "ContainerCreating" | "PodInitializing") {
        return waiting.message.clone().map(|m| Waiting(format!("{pod}: {m}")));
    }
    let message = waiting.message.as_deref().map(|m| format!(": {m}")).unwrap_or_default();
    let why = format!("{pod}: {}: {reason}{message}", container.name);
    Some(match reason {
        "ImagePullBackOff" | "ErrImageNeverPull" | "InvalidImageName" => Failed(why),
        "CrashLoopBackOff" if container.restart_count >= CRASHES => Failed(why),
        "CrashLoopBackOff" | "ErrImagePull" => Waiting(why),
        _ => grave_after(began, now, why),
    })
}

fn grave_after(since: Timestamp, now: Timestamp, why: String) -> Readiness {
    if now.duration_since(since).as_secs() >= PATIENCE { Failed(why) } else { Waiting(why) }
}

fn claim(claim: &PersistentVolumeClaim) -> Readiness {
    match claim.status.as_ref().and_then(|s| s.phase.as_deref()) {
        Some("Bound") => Ready("bound".to_owned()),
        Some("Lost") => Failed("its volume is gone".to_owned()),
        _ => Waiting("waits for a volume".to_owned()),
    }
}

fn is_load_balancer(service: &Service) -> bool {
    service.spec.as_ref().and_then(|s| s.type_.as_deref()) == Some("LoadBalancer")
}

/// Inside it works from the start; on the host when its publisher has the ports.
fn service(service: &Service, now: Timestamp) -> Readiness {
    let status = service.status.as_ref();
    let trouble =
        status.and_then(|s| s.conditions.iter().flatten().find(|c| c.type_ == PUBLISHED && c.status == "False"));
    if let Some(c) = trouble {
        return grave_after(c.last_transition_time.0, now, format!("its ports are not on the host: {}", c.message));
    }
    let points = status.and_then(|s| s.load_balancer.as_ref()).and_then(|l| l.ingress.as_ref());
    if !is_load_balancer(service) || points.is_some_and(|p| !p.is_empty()) {
        return Ready("published".to_owned());
    }
    Waiting("waits for its ports on the host".to_owned())
}

fn ingress(ingress: &Ingress) -> Readiness {
    let status = ingress.status.as_ref();
    let points = status.and_then(|s| s.load_balancer.as_ref()).and_then(|l| l.ingress.as_ref());
    if points.is_some_and(|p| !p.is_empty()) {
        Ready("served".to_owned())
    } else {
        Waiting("waits for nginx".to_owned())
    }
}

#[cfg(test)]
mod tests;
