//! Brings init containers on, one after another, and keeps those that run beside the app containers.
//! <https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/>

use k8s_openapi::api::core::v1::Container as Declared;

use super::super::actions::{PodActions, Role};
use super::super::policy::{again_init, init_containers, is_sidecar};
use super::super::runtime::{Container, State};
use super::Round;

impl Round<'_> {
    /// Brings the init containers on; true once the app containers may run.
    pub(super) fn initialize(self, sandbox: &Container, actions: &mut PodActions) -> bool {
        let inits = init_containers(self.pod);
        let begun = |c: &Declared| self.observed.newest(&c.name).is_some_and(|c| sandbox.has_member(c));
        // Those before the last that has begun have done their part; a sidecar that died since comes back beside it.
        let last = inits.iter().rposition(begun).unwrap_or(0);
        let done = if self.is_initialized() { inits.len() } else { last };
        for (index, declared) in inits.iter().enumerate() {
            let passed = if is_sidecar(declared) {
                self.keep(sandbox, declared, Role::Init, false, actions);
                self.is_started(declared)
            } else {
                index < done || self.run_once(sandbox, declared, actions)
            };
            if index >= done && !passed {
                return false;
            }
        }
        true
    }

    /// Runs an init container until it has succeeded; true once it has.
    fn run_once(self, sandbox: &Container, declared: &Declared, actions: &mut PodActions) -> bool {
        let newest = self.observed.newest(&declared.name).filter(|c| sandbox.has_member(c));
        match newest.map(|c| (c, &c.state)) {
            Some((_, State::Exited { code: 0, .. })) => return true,
            Some((container, State::Exited { code, .. })) => {
                if again_init(self.pod, declared, *code) {
                    self.restart(container, Role::Init, actions);
                }
            }
            Some((container, State::Running { .. })) => self.mend(container, declared, actions),
            Some(_) => {}
            None => self.start(&declared.name, Role::Init, None, "it is its turn", actions),
        }
        false
    }
}
