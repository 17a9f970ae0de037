//! Decides which containers of a pod are probed.

use k8s_openapi::api::core::v1::{Container, Pod, Probe};

use super::state::Kind;
use crate::api::{Object, Timestamp};
use crate::kubelet::observe::Observed;
use crate::kubelet::policy::{app_containers, last_status, sidecars};

/// A running container of a pod, with or without probes.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The container as the pod has it: its name, probes and ports.
    pub container: Container,
    /// The engine's id of it. A new one starts all over.
    pub id: String,
    /// When it was started.
    pub started: Timestamp,
    /// The pod's address.
    pub pod_ip: String,
    /// Whether the pod's status says of this id that it has started: looked at only when the id is new to the prober, so
    /// that an agent that was restarted goes on where it was.
    pub was_started: bool,
    /// The same for readiness.
    pub was_ready: bool,
}

/// The pod's app containers and sidecars that run, while the pod has an address. Of a deleted pod only readiness is
/// asked: it ends anyway.
#[must_use]
pub fn targets(pod: &Pod, observed: &Observed) -> Vec<Target> {
    // A pod in the host's network has its address from its status only.
    let told = pod.status.as_ref().and_then(|s| s.pod_ip.clone());
    let Some(pod_ip) = observed.address().map(|a| a.to_string()).or(told) else { return Vec::new() };
    if observed.sound_sandbox().is_none() {
        return Vec::new();
    }
    let target = |container: &Container| {
        let running = observed.newest(&container.name)?;
        let known = last_status(pod, &container.name)
            .filter(|status| status.container_id.as_deref().is_some_and(|id| id.ends_with(&running.id)));
        let mut container = container.clone();
        if pod.is_deleting() {
            (container.startup_probe, container.liveness_probe) = (None, None);
        }
        Some(Target {
            container,
            id: running.id.clone(),
            started: running.running_since()?,
            pod_ip: pod_ip.clone(),
            was_started: known.is_some_and(|s| s.started == Some(true)),
            was_ready: known.is_some_and(|s| s.ready),
        })
    };
    sidecars(pod).chain(app_containers(pod)).filter_map(target).collect()
}

impl Target {
    /// The probe of a kind, if the container has it.
    pub(super) fn probe(&self, kind: Kind) -> Option<&Probe> {
        match kind {
            Kind::Startup => self.container.startup_probe.as_ref(),
            Kind::Liveness => self.container.liveness_probe.as_ref(),
            Kind::Readiness => self.container.readiness_probe.as_ref(),
        }
    }

    /// Whether both ask the same of the same container.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let probes = |t: &Self| [Kind::Startup, Kind::Liveness, Kind::Readiness].map(|kind| t.probe(kind).cloned());
        self.id == other.id && self.pod_ip == other.pod_ip && probes(self) == probes(other)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kubelet::runtime::{Container as Observation, State};

    fn container(id: &str, address: Option<&str>, runs: bool) -> Observation {
        let started = Timestamp::UNIX_EPOCH;
        let exited =
            State::Exited { started: Some(started), finished: started, code: 0, oom: false, error: String::new() };
        Observation {
            id: id.to_owned(),
            name: id.to_owned(),
            labels: [].into(),
            image: String::new(),
            image_id: String::new(),
            state: if runs { State::Running { started } } else { exited },
            created: started,
            limits: crate::kubelet::runtime::Limits::default(),
            address: address.map(|a| a.parse().unwrap()),
        }
    }

    #[test]
    fn what_runs_goes_on_where_it_was() {
        let known = |name: &str, id: &str| json!({"name": name, "containerID": id, "started": true, "ready": true, "restartCount": 0, "image": "", "imageID": ""});
        let pod: Pod = serde_json::from_value(json!({
            "spec": {"containers": [{"name": "same"}, {"name": "new"}, {"name": "ended"}, {"name": "absent"}]},
            "status": {"containerStatuses": [known("same", "docker://c1"), known("new", "docker://c0")]},
        }))
        .unwrap();
        let mut observed = Observed { sandboxes: vec![container("s", Some("10.0.0.2"), true)], ..Observed::default() };
        for (name, id, runs) in [("same", "c1", true), ("new", "c2", true), ("ended", "c3", false)] {
            observed.containers.insert(name.to_owned(), vec![container(id, None, runs)]);
        }
        let text = |observed: &Observed| -> Vec<String> {
            let all = targets(&pod, observed);
            all.iter().map(|t| format!("{} {} {} {}", t.container.name, t.id, t.pod_ip, t.was_ready)).collect()
        };
        assert_eq!(text(&observed), ["same c1 10.0.0.2 true", "new c2 10.0.0.2 false"]);
        observed.sandboxes = vec![container("s", None, false)];
        assert!(text(&observed).is_empty());
    }

    #[test]
    fn sidecars_are_probed_and_deleted_pods_only_for_readiness() {
        let probes = json!({"startupProbe": {}, "livenessProbe": {}, "readinessProbe": {}});
        let named = |name: &str, more: serde_json::Value| {
            let mut all = probes.clone();
            all["name"] = json!(name);
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let inits = [named("setup", json!({})), named("proxy", json!({"restartPolicy": "Always"}))];
        let mut pod: Pod =
            serde_json::from_value(json!({"spec": {"initContainers": inits, "containers": [named("app", json!({}))]}}))
                .unwrap();
        let mut observed = Observed { sandboxes: vec![container("s", Some("10.0.0.2"), true)], ..Observed::default() };
        for name in ["setup", "proxy", "app"] {
            observed.containers.insert(name.to_owned(), vec![container(name, None, true)]);
        }
        let text = |pod: &Pod| -> Vec<String> {
            let probes = |t: &Target| [Kind::Startup, Kind::Liveness, Kind::Readiness].map(|k| t.probe(k).is_some());
            targets(pod, &observed).iter().map(|t| format!("{} {:?}", t.id, probes(t))).collect()
        };
        assert_eq!(text(&pod), ["proxy [true, true, true]", "app [true, true, true]"]);
        pod.metadata.deletion_timestamp = serde_json::from_value(json!("2026-01-01T00:00:00Z")).unwrap();
        assert_eq!(text(&pod), ["proxy [false, false, true]", "app [false, false, true]"]);
    }
}
