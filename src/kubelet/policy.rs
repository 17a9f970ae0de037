//! What a pod's spec says about restarts and ends, read with Kubernetes' defaults.

use std::borrow::Cow;

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::{Container, ContainerStatus, EphemeralContainer, LifecycleHandler, Pod, PodSpec};

use crate::api::{Timestamp, names};

/// Kubernetes' default grace in seconds.
pub const GRACE: i64 = 30;

/// What ends a container restarts it, or does not. <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// Whatever ended it.
    Always,
    /// Only if it ended with another code than 0.
    OnFailure,
    /// Never.
    Never,
}

impl Restart {
    /// The policy of a pod.
    #[must_use]
    pub fn of(pod: &Pod) -> Self {
        Self::named(pod.spec.as_ref().and_then(|s| s.restart_policy.as_deref())).unwrap_or(Self::Always)
    }

    fn named(name: Option<&str>) -> Option<Self> {
        match name {
            Some("Always") => Some(Self::Always),
            Some("OnFailure") => Some(Self::OnFailure),
            Some("Never") => Some(Self::Never),
            _ => None,
        }
    }

    fn again(self, code: i64) -> bool {
        match self {
            Self::Always => true,
            Self::OnFailure => code != 0,
            Self::Never => false,
        }
    }
}

/// Whether an app container or a sidecar that ended with this code starts again: by the first of its rules that
/// concerns the code, by its own policy, or by its pod's.
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restart-rules>
#[must_use]
pub fn again(pod: &Pod, declared: &Container, code: i64) -> bool {
    let own = Restart::named(declared.restart_policy.as_deref());
    ruled(declared, code) || own.unwrap_or(Restart::of(pod)).again(code)
}

/// The same of an init container that must succeed before the next one starts: `Always` means until it has.
#[must_use]
pub fn again_init(pod: &Pod, declared: &Container, code: i64) -> bool {
    let own = Restart::named(declared.restart_policy.as_deref());
    let policy = match own.unwrap_or(Restart::of(pod)) {
        Restart::Never => Restart::Never,
        _ => Restart::OnFailure,
    };
    ruled(declared, code) || policy.again(code)
}

/// Whether a rule of the container says that it starts again after this code.
fn ruled(declared: &Container, code: i64) -> bool {
    let mut codes = declared.restart_policy_rules.iter().flatten().filter(|rule| rule.action == "Restart");
    codes.any(|rule| {
        rule.exit_codes.as_ref().is_some_and(|codes| {
            let listed = codes.values.iter().flatten().any(|listed| i64::from(*listed) == code);
            listed == (codes.operator == "In")
        })
    })
}

/// The pod's init containers, in order, sidecars among them.
#[must_use]
pub fn init_containers(pod: &Pod) -> &[Container] {
    pod.spec.as_ref().and_then(|s| s.init_containers.as_deref()).unwrap_or_default()
}

/// Whether an init container runs beside the app containers for as long as they live.
/// <https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/>
#[must_use]
pub fn is_sidecar(init: &Container) -> bool {
    init.restart_policy.as_deref() == Some("Always")
}

/// The pod's init containers that run beside the app containers, in order.
pub fn sidecars(pod: &Pod) -> impl DoubleEndedIterator<Item = &Container> {
    init_containers(pod).iter().filter(|c| is_sidecar(c))
}

/// The pod's app containers.
#[must_use]
pub fn app_containers(pod: &Pod) -> &[Container] {
    pod.spec.as_ref().map_or(&[], |s: &PodSpec| &s.containers)
}

/// The containers that were added to the pod while it ran.
/// <https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/>
#[must_use]
pub fn ephemeral_containers(pod: &Pod) -> &[EphemeralContainer] {
    pod.spec.as_ref().and_then(|s| s.ephemeral_containers.as_deref()).unwrap_or_default()
}

/// An ephemeral container in the form of all the others.
#[must_use]
pub fn of_ephemeral(ephemeral: &EphemeralContainer) -> Container {
    let e = ephemeral.clone();
    Container {
        args: e.args,
        command: e.command,
        env: e.env,
        env_from: e.env_from,
        image: e.image,
        image_pull_policy: e.image_pull_policy,
        name: e.name,
        security_context: e.security_context,
        stdin: e.stdin,
        stdin_once: e.stdin_once,
        termination_message_path: e.termination_message_path,
        termination_message_policy: e.termination_message_policy,
        tty: e.tty,
        volume_mounts: e.volume_mounts,
        working_dir: e.working_dir,
        ..Container::default()
    }
}

/// The container of that name, of whatever sort.
#[must_use]
pub fn declared<'a>(pod: &'a Pod, name: &str) -> Option<Cow<'a, Container>> {
    let mut usual = init_containers(pod).iter().chain(app_containers(pod));
    let ephemeral = || ephemeral_containers(pod).iter().find(|c| c.name == name).map(of_ephemeral).map(Cow::Owned);
    usual.find(|c| c.name == name).map(Cow::Borrowed).or_else(ephemeral)
}

/// The postStart hook of a container, if it has one.
#[must_use]
pub fn post_start(declared: &Container) -> Option<&LifecycleHandler> {
    declared.lifecycle.as_ref()?.post_start.as_ref()
}

/// The preStop hook of a container, if it has one.
#[must_use]
pub fn pre_stop(declared: &Container) -> Option<&LifecycleHandler> {
    declared.lifecycle.as_ref()?.pre_stop.as_ref()
}

/// The hash of what a running container can be changed in only by another one: its image.
#[must_use]
pub fn container_hash(container: &Container) -> String {
    names::hash(&(&container.name, &container.image))
}

/// When a container that is to end now is to have ended: when its pod is, if that was deleted; else after the grace given
/// in seconds, or the pod's own.
#[must_use]
pub fn deadline(pod: &Pod, grace: Option<i64>, now: Timestamp) -> Timestamp {
    let own = pod.spec.as_ref().and_then(|s| s.termination_grace_period_seconds);
    let grace = SignedDuration::from_secs(grace.or(own).unwrap_or(GRACE));
    pod.metadata.deletion_timestamp.as_ref().map_or_else(|| now.saturating_add(grace).unwrap_or(now), |t| t.0)
}

/// When the pod is to end because it has been active for long enough.
/// <https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup>
#[must_use]
pub fn active_until(pod: &Pod) -> Option<Timestamp> {
    let seconds = pod.spec.as_ref()?.active_deadline_seconds?;
    let start = pod.status.as_ref()?.start_time.as_ref()?.0;
    start.checked_add(SignedDuration::from_secs(seconds)).ok()
}

/// Whether the API says that the pod has ended for good.
#[must_use]
pub fn is_terminal(pod: &Pod) -> bool {
    matches!(pod.status.as_ref().and_then(|s| s.phase.as_deref()), Some("Succeeded" | "Failed"))
}

/// What the API last said of a container.
#[must_use]
pub fn last_status<'a>(pod: &'a Pod, name: &str) -> Option<&'a ContainerStatus> {
    let status = pod.status.as_ref()?;
    let all = status.container_statuses.iter().chain(&status.init_container_statuses);
    all.chain(&status.ephemeral_container_statuses).flatten().find(|c| c.name == name)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::fixture::pod;
    use super::*;

    /// The codes of 0, 1, 42 after which the container starts again.
    fn restarts(pod_policy: &str, own: Value) -> (Vec<i64>, Vec<i64>) {
        let mut pod = pod();
        pod.spec.as_mut().unwrap().restart_policy = Some(pod_policy.to_owned());
        let mut container = json!({"name": "c"});
        super::super::fixture::merge(&mut container, own);
        let container: Container = serde_json::from_value(container).unwrap();
        let codes = |again: fn(&Pod, &Container, i64) -> bool| {
            [0, 1, 42].into_iter().filter(|code| again(&pod, &container, *code)).collect()
        };
        (codes(again), codes(again_init))
    }

    #[test]
    fn rules_go_before_the_containers_policy_and_that_before_the_pods() {
        let none = || json!({});
        assert_eq!(restarts("Always", none()), (vec![0, 1, 42], vec![1, 42]));
        assert_eq!(restarts("OnFailure", none()), (vec![1, 42], vec![1, 42]));
        assert_eq!(restarts("Never", none()), (vec![], vec![]));
        assert_eq!(restarts("Never", json!({"restartPolicy": "OnFailure"})), (vec![1, 42], vec![1, 42]));
        assert_eq!(restarts("Always", json!({"restartPolicy": "Never"})), (vec![], vec![]));
        let ruled = |operator: &str| {
            let rule = json!({"action": "Restart", "exitCodes": {"operator": operator, "values": [42]}});
            restarts("Never", json!({"restartPolicy": "Never", "restartPolicyRules": [rule]})).0
        };
        assert_eq!(ruled("In"), [42]);
        assert_eq!(ruled("NotIn"), [0, 1]);
    }
}
