//! How many pods a Job runs at once: makes what is missing, deletes what is too much.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Pod;

use super::{Round, backoff, is_suspended, number, pods};
use crate::api::{Object, Plan};
use crate::controllers::pod;

/// At most so many pods are made or deleted in one round.
const BURST: usize = 500;

impl<'a> Round<'a> {
    /// Deletes everything that still runs: the Job is to end. What is deleted so counts as failed where the Job has failed.
    pub(super) fn end_all(&mut self, plan: &mut Plan) {
        let why = self.verdict.as_ref().map(|v| v.reason.clone()).unwrap_or_default();
        let good = self.verdict.as_ref().is_some_and(|v| v.good);
        let all = std::mem::take(&mut self.active);
        self.delete(&all, good, &why, plan);
    }

    /// Makes or deletes what is missing or too much.
    pub(super) fn scale(&mut self, plan: &mut Plan) {
        let wanted = self.wanted();
        let removed = self.surplus(wanted);
        if !removed.is_empty() {
            let why = format!("{wanted} wanted, {} there", self.active.len());
            let names: BTreeSet<&str> = removed.iter().map(|p| p.name()).collect();
            self.active.retain(|p| !names.contains(p.name()));
            return self.delete(&removed, true, &why, plan);
        }
        if is_suspended(self.spec) {
            return;
        }
        let held = if self.replaces_ended_only() { self.terminating() } else { 0 };
        let missing = wanted - held - number(self.active.len());
        if missing > 0 {
            let missing = usize::try_from(missing).unwrap_or(0).min(BURST);
            self.create(missing, &format!("{wanted} wanted, {} there", self.active.len()), plan);
        }
    }

    /// How many pods are to run now.
    fn wanted(&self) -> i32 {
        if is_suspended(self.spec) {
            return 0;
        }
        let parallelism = self.spec.parallelism.unwrap_or(1);
        let (succeeded, failed) = self.successes();
        match self.spec.completions {
            Some(completions) => (completions - succeeded - failed).clamp(0, parallelism),
            // Once one has succeeded no others are started.
            None if succeeded > 0 => number(self.active.len()).min(parallelism),
            None => parallelism,
        }
    }

    /// The pods that are too much: those of indexes that are done, out of range or twice there, then the ones that are
    /// missed least.
    fn surplus(&self, wanted: i32) -> Vec<&'a Pod> {
        let mut by_age = self.active.clone();
        by_age.sort_by_key(|p| {
            let since = p.metadata.creation_timestamp.as_ref().map(|t| t.0);
            (pod::is_ready(p), std::cmp::Reverse(since), p.name())
        });
        let mut removed: Vec<&Pod> = Vec::new();
        if self.is_indexed() {
            let completions = self.spec.completions.unwrap_or(0);
            let mut seen = BTreeSet::new();
            for pod in by_age.iter().rev() {
                let fine = pods::index(pod).is_some_and(|i| {
                    i < completions && !self.succeeded.contains(&i) && !self.failed.contains(&i) && seen.insert(i)
                });
                if !fine {
                    removed.push(pod);
                }
            }
        }
        let too_many = self.active.len().saturating_sub(usize::try_from(wanted).unwrap_or(0));
        for pod in by_age {
            if removed.len() >= too_many {
                break;
            }
            if !removed.iter().any(|r| r.name() == pod.name()) {
                removed.push(pod);
            }
        }
        removed.truncate(BURST);
        removed
    }

    fn delete(&mut self, pods: &[&'a Pod], forget: bool, why: &str, plan: &mut Plan) {
        for pod in pods {
            if forget && pods::is_tracked(pod) {
                plan.update(&pods::untracked(pod), "how it ends does not matter");
            }
            plan.delete(*pod, why);
            plan.event(self.job, "SuccessfulDelete", format!("Deleted pod: {}", pod.name()));
        }
        self.deleted += number(pods.len());
    }

    fn create(&mut self, missing: usize, why: &str, plan: &mut Plan) {
        let per_index = self.spec.backoff_limit_per_index.is_some();
        if !per_index && let Some(until) = backoff::until(&self.pods).filter(|until| *until > self.now) {
            return plan.wake_at(until);
        }
        let mut taken = Vec::new();
        if !self.is_indexed() {
            for _ in 0..missing {
                let name = self.free_name(None, &taken);
                taken.push(self.make(name, None, why, plan));
            }
            return;
        }
        let last = self.failed_last();
        for index in self.free_indexes() {
            if taken.len() == missing {
                break;
            }
            if let Some(until) = last.get(&index).map(|p| backoff::of_index(p)).filter(|until| *until > self.now) {
                plan.wake_at(until);
                continue;
            }
            let name = self.free_name(Some(index), &taken);
            taken.push(self.make(name, Some(index), why, plan));
        }
    }

    /// The indexes without a pod that still have to succeed, in order.
    fn free_indexes(&self) -> Vec<i32> {
        let busy = |p: &&&Pod| pod::is_active(p) || (self.replaces_ended_only() && !pods::is_over(p));
        let taken: BTreeSet<i32> = self.pods.iter().filter(busy).filter_map(|p| pods::index(p)).collect();
        let all = 0..self.spec.completions.unwrap_or(0);
        all.filter(|i| !self.succeeded.contains(i) && !self.failed.contains(i) && !taken.contains(i)).collect()
    }
}
