//! What a pod's spec says about restarts and ends, read with Kubernetes' defaults.

use k8s_openapi::api::core::v1::{Container, ContainerStatus, Pod, PodSpec};

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
    /// The policy for a pod's app containers.
    #[must_use]
    pub fn of(pod: &Pod) -> Self {
        match pod.spec.as_ref().and_then(|s| s.restart_policy.as_deref()) {
            Some("OnFailure") => Self::OnFailure,
            Some("Never") => Self::Never,
            _ => Self::Always,
        }
    }

    /// The policy for a pod's init containers, for which `Always` means until they succeed.
    #[must_use]
    pub fn of_init(pod: &Pod) -> Self {
        if Self::of(pod) == Self::Never { Self::Never } else { Self::OnFailure }
    }

    /// Whether a container that ended with `code` starts again.
    #[must_use]
    pub fn again(self, code: i64) -> bool {
        match self {
            Self::Always => true,
            Self::OnFailure => code != 0,
            Self::Never => false,
        }
    }
}

/// The pod's init containers, in order.
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

/// The hash of what a running container can be changed in: its image.
#[must_use]
pub fn container_hash(container: &Container) -> String {
    names::hash(&(&container.name, &container.image))
}

/// Seconds that a container has to end: what is left of a deletion's grace, or the pod's own grace.
#[must_use]
pub fn grace(pod: &Pod, now: Timestamp) -> i64 {
    let own = pod.spec.as_ref().and_then(|s| s.termination_grace_period_seconds).unwrap_or(GRACE);
    // A deletion's time stamp has whole seconds, and no container should be ended without being asked first.
    let left =
        pod.metadata.deletion_timestamp.as_ref().map(|t| (t.0.as_millisecond() - now.as_millisecond() + 999) / 1000);
    left.unwrap_or(own).max(1)
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
    status.container_statuses.iter().chain(&status.init_container_statuses).flatten().find(|c| c.name == name)
}
