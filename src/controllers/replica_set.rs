//! ReplicaSets: as many pods as asked for, of one template.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/>

mod order;
#[cfg(test)]
mod tests;

use k8s_openapi::api::apps::v1::{ReplicaSet, ReplicaSetStatus};
use k8s_openapi::api::core::v1::{Pod, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::pod;
use crate::api::{Key, Kind, Object, Plan, Timestamp, View, labels, names};

/// The longest part of a pod's name that is its owner's: names of pods are also host names.
const LONGEST_BASE: usize = 58;
/// At most so many pods are made or deleted in one round.
const BURST: usize = 500;

/// The ReplicaSets that a changed key concerns: itself, or those that may own the pod. Whose a pod was that is gone,
/// nobody knows.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    let kind = Kind::of::<ReplicaSet>();
    if changed.kind == kind {
        return vec![changed.clone()];
    }
    let pod = view.get::<Pod>(&changed.namespace, &changed.name);
    if let Some(owner) = pod.and_then(Object::controller) {
        return if owner.kind == kind.kind { vec![Key::new(kind, &changed.namespace, &owner.name)] } else { vec![] };
    }
    view.list::<ReplicaSet>(&changed.namespace).map(Object::key).collect()
}

/// What a ReplicaSet needs next.
pub fn plan(view: &View, key: &Key, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let Some(set) = view.get::<ReplicaSet>(&key.namespace, &key.name) else {
        return plan;
    };
    let mut pods = claim(view, set, &mut plan);
    if !set.is_deleting() {
        let deleted = scale(view, set, &pods, now, &mut plan);
        // Those that go count no more: a Deployment that believed in them would take away others too.
        pods.retain(|p| !deleted.contains(&p.name()));
    }
    status(set, &pods, now, &mut plan);
    plan
}

/// The pods that are the set's: it lets go of those that it does not select any more and adopts those that it selects and
/// nobody has. <https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#how-a-replicaset-works>
fn claim<'a>(view: &'a View, set: &ReplicaSet, plan: &mut Plan) -> Vec<&'a Pod> {
    let selector = set.spec.as_ref().map(|s| &s.selector);
    let mut mine = Vec::new();
    for pod in view.list::<Pod>(set.namespace()) {
        let selected = selector.is_some_and(|s| labels::matches(s, pod.metadata.labels.as_ref()));
        match pod.controller() {
            Some(owner) if owner.uid != set.uid() => {}
            Some(_) if selected => mine.push(pod),
            Some(_) if set.is_deleting() => {}
            Some(_) => {
                let mut released = pod.clone();
                released.metadata.owner_references.iter_mut().for_each(|o| o.retain(|o| o.uid != set.uid()));
                plan.update(&released, format!("{} does not select it any more", set.name()));
            }
            None if selected && pod::is_active(pod) && !set.is_deleting() => {
                let mut adopted = pod.clone();
                adopted.metadata.owner_references.get_or_insert_default().push(set.owner_reference());
                plan.update(&adopted, format!("{} selects it", set.name()));
                mine.push(pod);
            }
            None => {}
        }
    }
    mine
}

/// Makes or deletes what is missing or too much; returns the names of the pods that it deletes.
fn scale<'a>(view: &View, set: &ReplicaSet, pods: &[&'a Pod], now: Timestamp, plan: &mut Plan) -> Vec<&'a str> {
    let wanted = usize::try_from(replicas(set)).unwrap_or(0);
    let mut active: Vec<&'a Pod> = pods.iter().copied().filter(|p| pod::is_active(p)).collect();
    let why = format!("{wanted} wanted, {} there", active.len());
    let Some(template) = set.spec.as_ref().and_then(|s| s.template.as_ref()) else {
        return Vec::new();
    };
    let mut taken = Vec::new();
    for _ in active.len()..wanted.min(active.len() + BURST) {
        let name = free_name(view, set, now, &taken);
        plan.create(&make(set, template, &name), why.as_str());
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

/// A name that no pod of the namespace has, those on their way out included, nor one of `taken`. Time is in the seed, so
/// that a name that was in use comes back no sooner than chance has it.
fn free_name(view: &View, set: &ReplicaSet, now: Timestamp, taken: &[String]) -> String {
    let base = set.name();
    let base = &base[..base.floor_char_boundary(LONGEST_BASE - 1)];
    let mut counter = taken.len();
    loop {
        let name = format!("{base}-{}", names::suffix(&format!("{}/{now}/{counter}", set.uid()), 5));
        if view.get::<Pod>(set.namespace(), &name).is_none() && !taken.contains(&name) {
            return name;
        }
        counter += 1;
    }
}

/// A pod of the template.
fn make(set: &ReplicaSet, template: &PodTemplateSpec, name: &str) -> Pod {
    let given = template.metadata.clone().unwrap_or_default();
    Pod {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            generate_name: Some(format!("{}-", set.name())),
            namespace: set.metadata.namespace.clone(),
            labels: given.labels,
            annotations: given.annotations,
            finalizers: given.finalizers,
            owner_references: Some(vec![set.owner_reference()]),
            ..ObjectMeta::default()
        },
        spec: template.spec.clone(),
        status: None,
    }
}

/// Counts the pods; asks to look again when the next ready one becomes available.
fn status(set: &ReplicaSet, pods: &[&Pod], now: Timestamp, plan: &mut Plan) {
    let spec = set.spec.as_ref();
    let min_ready = spec.and_then(|s| s.min_ready_seconds).unwrap_or(0);
    let template = spec.and_then(|s| s.template.as_ref()?.metadata.as_ref()?.labels.clone()).unwrap_or_default();
    let active: Vec<&&Pod> = pods.iter().filter(|p| pod::is_active(p)).collect();
    let count = |test: &dyn Fn(&Pod) -> bool| i32::try_from(active.iter().filter(|p| test(p)).count()).unwrap_or(0);
    let terminating = pods.iter().filter(|p| p.is_deleting() && !pod::is_finished(p)).count();
    let some = |n: i32| (n > 0).then_some(n);
    let old = set.status.clone().unwrap_or_default();
    let new = ReplicaSetStatus {
        replicas: count(&|_| true),
        fully_labeled_replicas: some(count(&|p| labels::has_all(p.metadata.labels.as_ref(), &template))),
        ready_replicas: some(count(&pod::is_ready)),
        available_replicas: some(count(&|p| pod::available_at(p, min_ready).is_some_and(|at| at <= now))),
        terminating_replicas: some(i32::try_from(terminating).unwrap_or(0)),
        observed_generation: set.metadata.generation,
        conditions: old.conditions.clone(),
    };
    active
        .iter()
        .filter_map(|p| pod::available_at(p, min_ready))
        .filter(|at| *at > now)
        .for_each(|at| plan.wake_at(at));
    if new != old {
        plan.update_status(&ReplicaSet { status: Some(new), ..set.clone() }, "");
    }
}

/// How many pods the set asks for.
pub(super) fn replicas(set: &ReplicaSet) -> i32 {
    set.spec.as_ref().and_then(|s| s.replicas).unwrap_or(1)
}
