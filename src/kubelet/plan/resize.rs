//! Decides whether running containers get other limits, and how.
//! <https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/>

use k8s_openapi::api::core::v1::Container as Declared;

use super::super::actions::{PodActions, Resize};
use super::super::backoff::{Failure, Memory};
use super::super::limits::Limits;
use super::super::runtime::Container;
use super::Round;

impl Round<'_> {
    /// Gives a running container the limits that are declared, unless it could not be given them a moment ago.
    pub(super) fn resize(self, container: &Container, declared: &Declared, actions: &mut PodActions) {
        let limits = Limits::of(declared);
        if limits == container.limits {
            return;
        }
        if let Some(failure) = failure_of(self.memory, &declared.name).filter(|f| f.retry > self.now) {
            return actions.wake_at(failure.retry);
        }
        actions.resize.push(Resize { id: container.id.clone(), name: declared.name.clone(), limits });
    }
}

/// Whether a container must be restarted to get the limits that are declared.
#[must_use]
pub fn needs_restart(container: &Container, declared: &Declared) -> bool {
    let (has, wanted) = (container.limits, Limits::of(declared));
    let cpu = (has.cpu_shares, has.nano_cpus) != (wanted.cpu_shares, wanted.nano_cpus);
    let restarts = |resource: &str| {
        let policy = declared.resize_policy.iter().flatten().find(|p| p.resource_name == resource);
        policy.is_some_and(|p| p.restart_policy == "RestartContainer")
    };
    cpu && restarts("cpu") || has.memory != wanted.memory && restarts("memory")
}

/// Why a container of this name could not be given other limits, if so.
#[must_use]
pub fn failure_of<'a>(memory: &'a Memory, name: &str) -> Option<&'a Failure> {
    memory.failures.get(&key(name))
}

/// What stands for the resize of a container among failures: no container's name has a blank.
#[must_use]
pub fn key(name: &str) -> String {
    format!("resize {name}")
}
