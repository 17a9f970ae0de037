//! As many pods as asked for, of one template: what ReplicaSets and ReplicationControllers have in common.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/>

mod order;
#[cfg(test)]
mod tests;

use k8s_openapi::api::core::v1::{Pod, PodTemplateSpec};

use super::{ownership, pod, template};
use crate::api::labels::Labels;
use crate::api::{Key, Kind, Object, Plan, Timestamp, View, labels};

/// At most so many pods are made or deleted in one round.
const BURST: usize = 500;

/// A kind whose objects ask for a number of pods of one template.
pub trait Replicated: Object {
    /// How many pods it asks for.
    fn replicas(&self) -> i32;
    /// Whether it wants pods with these labels.
    fn selects(&self, labels: Option<&Labels>) -> bool;
    /// What its pods are made from.
    fn template(&self) -> Option<&PodTemplateSpec>;
    /// For how many seconds a pod must be ready to be available.
    fn min_ready_seconds(&self) -> i32;
    /// The object with these counts in its status, if they are others than it has.
    fn counted(&self, counts: &Counts) -> Option<Self>;
}

/// What a status counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Pods that neither have ended nor are on their way out.
    pub replicas: i32,
    /// Those of them with all labels of the template.
    pub labelled: i32,
    /// Those that are ready.
    pub ready: i32,
    /// Those that have been ready for long enough.
    pub available: i32,
    /// Pods on their way out.
    pub terminating: i32,
}

/// A count as a status has it: left out where it is none.
pub fn some(count: i32) -> Option<i32> {
    (count > 0).then_some(count)
}

/// The objects of a kind that a changed key concerns: itself, or those that may own the pod. Whose a pod was that is
/// gone, nobody knows.
pub fn keys<T: Replicated>(view: &View, changed: &Key) -> Vec<Key> {
    let kind = Kind::of::<T>();
    if changed.kind == kind {
        return vec![changed.clone()];
    }
    let pod = view.get::<Pod>(&changed.namespace, &changed.name);
    if let Some(owner) = pod.and_then(Object::controller) {
        return if owner.kind == kind.kind { vec![Key::new(kind, &changed.namespace, &owner.name)] } else { vec![] };
    }
    view.list::<T>(&changed.namespace).map(Object::key).collect()
}

/// What an object needs next.
pub fn plan<T: Replicated>(view: &View, key: &Key, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let Some(set) = view.get::<T>(&key.namespace, &key.name) else {
        return plan;
    };
    let mut pods =
        ownership::claim(view, set, |p: &Pod| set.selects(p.metadata.labels.as_ref()), pod::is_active, &mut plan);
    if !set.is_deleting() {
        let deleted = scale(view, set, &pods, now, &mut plan);
        // Those that go count no more: a Deployment that believed in them would take away others too.
        pods.retain(|p| !deleted.contains(&p.name()));
    }
    status(set, &pods, now, &mut plan);
    plan
}

/// Makes or deletes what is missing or too much; returns the names of the pods that it deletes.
fn scale<'a, T: Replicated>(view: &View, set: &T, pods: &[&'a Pod], now: Timestamp, plan: &mut Plan) -> Vec<&'a str> {
    let wanted = usize::try_from(set.replicas()).unwrap_or(0);
    let mut active: Vec<&'a Pod> = pods.iter().copied().filter(|p| pod::is_active(p)).collect();
    let why = format!("{wanted} wanted, {} there", active.len());
    let Some(template) = set.template() else {
        return Vec::new();
    };
    let mut taken = Vec::new();
    for _ in active.len()..wanted.min(active.len() + BURST) {
        let name = template::free_name(view, set, now, &taken);
        plan.create(&template::pod(set, template, &name), why.as_str());
        plan.event(set, "SuccessfulCreate", format!("Created pod: {name}"));
        taken.push(name);
    }
    order::by_dispensability(&mut active);
    active.truncate(active.len().saturating_sub(wanted).min(BURST));
    for pod in &active {
        plan.delete(*pod, why.as_str());
        plan.event(set, "SuccessfulDelete", format!("Deleted pod: {}", pod.name()));
    }
    active.into_iter().map(Object::name).collect()
}

/// Counts the pods; asks to look again when the next ready one becomes available.
fn status<T: Replicated>(set: &T, pods: &[&Pod], now: Timestamp, plan: &mut Plan) {
    let min_ready = set.min_ready_seconds();
    let template = set.template().and_then(|t| t.metadata.as_ref()?.labels.clone()).unwrap_or_default();
    let active: Vec<&&Pod> = pods.iter().filter(|p| pod::is_active(p)).collect();
    let count = |test: &dyn Fn(&Pod) -> bool| i32::try_from(active.iter().filter(|p| test(p)).count()).unwrap_or(0);
    let terminating = pods.iter().filter(|p| p.is_deleting() && !pod::is_finished(p)).count();
    let counts = Counts {
        replicas: count(&|_| true),
        labelled: count(&|p| labels::has_all(p.metadata.labels.as_ref(), &template)),
        ready: count(&pod::is_ready),
        available: count(&|p| pod::available_at(p, min_ready).is_some_and(|at| at <= now)),
        terminating: i32::try_from(terminating).unwrap_or(0),
    };
    active
        .iter()
        .filter_map(|p| pod::available_at(p, min_ready))
        .filter(|at| *at > now)
        .for_each(|at| plan.wake_at(at));
    if let Some(counted) = set.counted(&counts) {
        plan.update_status(&counted, "");
    }
}
