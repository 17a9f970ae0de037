//! Counts the ends of pods, each once: an end is first written to the status, and only then is the pod let go.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-tracking-with-finalizers>

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::batch::v1::UncountedTerminatedPods;
use k8s_openapi::api::core::v1::Pod;

use super::failure::{Meaning, meaning};
use super::{Round, number, pods, some};
use crate::api::{Object, Plan, indexes};
use crate::controllers::pod;

impl<'a> Round<'a> {
    /// How a pod of the Job ended, if it has: well or not. One on its way out counts as failed at once, unless how it ends
    /// may matter.
    pub(super) fn end_of(&self, pod: &Pod) -> Option<bool> {
        let early = pod.is_deleting() && !self.replaces_ended_only();
        match pod::phase(pod) {
            "Succeeded" => Some(true),
            "Failed" => Some(false),
            _ => (pods::is_over(pod) || early).then_some(false),
        }
    }

    /// What the failure of a pod means.
    pub(super) fn meaning(&self, pod: &Pod) -> Meaning {
        meaning(self.spec.pod_failure_policy.as_ref(), pod)
    }

    /// Counts what has ended since the last round.
    pub(super) fn count(&mut self, plan: &mut Plan) {
        let stored = self.status.uncounted_terminated_pods.take().unwrap_or_default();
        let sets = [stored.succeeded, stored.failed].map(|l| l.unwrap_or_default().into_iter().collect());
        let [mut good, mut bad]: [BTreeSet<String>; 2] = sets;
        let held: BTreeSet<&str> = self.pods.iter().filter(|p| pods::is_tracked(p)).map(|p| p.uid()).collect();
        // Whoever was written down and is let go is counted for good.
        let settle = |uids: &mut BTreeSet<String>| {
            let before = uids.len();
            uids.retain(|uid| held.contains(uid.as_str()));
            number(before - uids.len())
        };
        let (settled_good, settled_bad) = (settle(&mut good), settle(&mut bad));
        let written = (good.clone(), bad.clone(), self.succeeded.clone());
        let kept = self.last_failures();
        for pod in self.pods.clone().into_iter().filter(|p| pods::is_tracked(p)) {
            let Some(well) = self.end_of(pod) else { continue };
            let uid = pod.uid();
            let mut through = written.0.contains(uid) || written.1.contains(uid);
            if !through {
                match pods::index(pod).filter(|_| self.is_indexed()) {
                    Some(index) if well => {
                        through = written.2.contains(&index);
                        self.succeeded.insert(index);
                    }
                    _ if well => drop(good.insert(uid.to_owned())),
                    _ if self.meaning(pod) == Meaning::Ignored => through = true,
                    _ => drop(bad.insert(uid.to_owned())),
                }
            }
            if through && !kept.contains(uid) {
                plan.update(&pods::untracked(pod), "its end is counted");
            }
        }
        self.settle(settled_good, settled_bad);
        let list = |uids: BTreeSet<String>| (!uids.is_empty()).then(|| uids.into_iter().collect());
        let uncounted = UncountedTerminatedPods { succeeded: list(good), failed: list(bad) };
        self.status.uncounted_terminated_pods = Some(uncounted);
    }

    fn settle(&mut self, good: i32, bad: i32) {
        let status = &mut self.status;
        status.succeeded = some(status.succeeded.unwrap_or(0) + good);
        status.failed = some(status.failed.unwrap_or(0) + bad);
        if self.is_indexed() {
            let completions = self.spec.completions.unwrap_or(0);
            self.succeeded.retain(|i| *i < completions);
            self.status.succeeded = some(number(self.succeeded.len()));
            self.status.completed_indexes = Some(indexes::text(&self.succeeded)).filter(|t| !t.is_empty());
        }
    }

    /// The pods that have succeeded, and those that have failed and count, as of now.
    pub(super) fn counts(&self) -> (i32, i32) {
        let uncounted = self.status.uncounted_terminated_pods.as_ref();
        let length = |list: Option<&Vec<String>>| number(list.map_or(0, Vec::len));
        let good = length(uncounted.and_then(|u| u.succeeded.as_ref()));
        let bad = length(uncounted.and_then(|u| u.failed.as_ref()));
        (self.status.succeeded.unwrap_or(0) + good, self.status.failed.unwrap_or(0) + bad)
    }

    /// The last pod of each index that failed and is neither replaced nor done with: it carries the count of its index's
    /// failures, so it stays until its successor does.
    pub(super) fn last_failures(&self) -> BTreeSet<&'a str> {
        self.failed_last().into_values().map(Object::uid).collect()
    }

    /// The same by index; none where indexes have no limits of their own.
    pub(super) fn failed_last(&self) -> BTreeMap<i32, &'a Pod> {
        let mut last: BTreeMap<i32, &'a Pod> = BTreeMap::new();
        let ends = self.has_condition("FailureTarget") || self.has_condition("SuccessCriteriaMet");
        if self.spec.backoff_limit_per_index.is_none() || ends {
            return last;
        }
        let total = |p: &Pod| {
            let (counted, ignored) = pods::failures(p);
            counted + ignored
        };
        for pod in &self.pods {
            let Some(index) = pods::index(pod) else { continue };
            if last.get(&index).is_none_or(|seen| total(seen) <= total(pod)) {
                last.insert(index, pod);
            }
        }
        last.retain(|index, pod| {
            let done = self.succeeded.contains(index) || self.failed.contains(index);
            !done && self.end_of(pod) == Some(false)
        });
        last
    }
}
