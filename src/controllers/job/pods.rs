//! Which pods are a Job's, and what is read off them.

use std::collections::BTreeSet;

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};

use super::Round;
use crate::api::names::job::{FAILURES, FINALIZER, IGNORED, INDEX};
use crate::api::{Key, Object, Plan, Timestamp, View, labels};
use crate::controllers::pod;

/// The pods that the Job controls.
pub fn of<'a>(view: &'a View, job: &Job) -> Vec<&'a Pod> {
    let controls = |p: &&Pod| p.controller().is_some_and(|o| o.uid == job.uid());
    view.list::<Pod>(job.namespace()).filter(controls).collect()
}

/// Whether the pod's end is still to be counted.
pub fn is_tracked(pod: &Pod) -> bool {
    pod.metadata.finalizers.iter().flatten().any(|f| f == FINALIZER)
}

/// Whether nothing of it runs any more: it has ended, or it was deleted and its kubelet is through with it.
pub fn is_over(pod: &Pod) -> bool {
    pod::is_finished(pod) || (pod.is_deleting() && pod.metadata.deletion_grace_period_seconds == Some(0))
}

/// The pod's completion index.
pub fn index(pod: &Pod) -> Option<i32> {
    pod.annotation(INDEX)?.parse().ok().filter(|i| *i >= 0)
}

/// How often its index failed before it: the failures that count, and those that do not.
pub fn failures(pod: &Pod) -> (i32, i32) {
    let read = |name: &str| pod.annotation(name).and_then(|n| n.parse().ok()).unwrap_or(0);
    (read(FAILURES), read(IGNORED))
}

/// When the pod ended: as its last container did.
pub fn ended_at(pod: &Pod) -> Timestamp {
    let end = |c: &ContainerStatus| Some(c.state.as_ref()?.terminated.as_ref()?.finished_at.as_ref()?.0);
    let last = statuses(pod).filter_map(end).max();
    let otherwise = pod.metadata.deletion_timestamp.as_ref().or(pod.metadata.creation_timestamp.as_ref());
    last.or(otherwise.map(|t| t.0)).unwrap_or_default()
}

/// The statuses of all its containers.
pub fn statuses(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let all = pod.status.iter();
    all.flat_map(|s| s.init_container_statuses.iter().flatten().chain(s.container_statuses.iter().flatten()))
}

/// The pod without the Job's finalizer.
pub fn untracked(pod: &Pod) -> Pod {
    let mut pod = pod.clone();
    pod.metadata.finalizers.iter_mut().for_each(|f| f.retain(|f| f != FINALIZER));
    pod
}

/// Lets all pods go whose ends need not be counted any more: those of a Job that is gone or has ended.
pub fn let_go(view: &View, job: &Key, why: &str, plan: &mut Plan) {
    let is_of = |p: &&Pod| p.controller().is_some_and(|o| o.kind == job.kind.kind && o.name == job.name);
    for pod in view.list::<Pod>(&job.namespace).filter(is_of).filter(|p| is_tracked(p)) {
        plan.update(&untracked(pod), why);
    }
}

impl Round<'_> {
    /// Adopts the pods that the Job selects and nobody has, and lets go of those that it does not select any more.
    pub(super) fn claim(&mut self, plan: &mut Plan) {
        let Some(selector) = &self.spec.selector else { return };
        let selected = |pod: &Pod| labels::matches(selector, pod.metadata.labels.as_ref());
        let mut gone = BTreeSet::new();
        for pod in self.pods.iter().filter(|p| !selected(p)) {
            let mut released = untracked(pod);
            released.metadata.owner_references.iter_mut().for_each(|o| o.retain(|o| o.uid != self.job.uid()));
            plan.update(&released, format!("{} does not select it any more", self.job.name()));
            gone.insert(pod.name());
        }
        self.pods.retain(|p| !gone.contains(p.name()));
        self.active.retain(|p| !gone.contains(p.name()));
        for pod in self.view.list::<Pod>(self.job.namespace()) {
            if pod.controller().is_none() && selected(pod) && pod::is_active(pod) {
                let mut adopted = pod.clone();
                adopted.metadata.owner_references.get_or_insert_default().push(self.job.owner_reference());
                adopted.metadata.finalizers.get_or_insert_default().push(FINALIZER.to_owned());
                plan.update(&adopted, format!("{} selects it", self.job.name()));
                self.active.push(pod);
            }
        }
    }
}
