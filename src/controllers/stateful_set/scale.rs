//! Which pods a StatefulSet makes and deletes so that there is one for each ordinal asked for, and in which order.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees>

use k8s_openapi::api::core::v1::Pod;

use super::{Round, claims, identity};
use crate::api::{Object, Plan};
use crate::controllers::pod;

/// What a pod means for the ones after it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// They may be looked at.
    Go,
    /// They wait, where pods wait for each other.
    Wait,
}

/// Makes what is missing and deletes what is too much. Returns whether all that comes before an update is done.
pub fn plan(round: &Round, plan: &mut Plan) -> bool {
    let wait = |next: Next| next == Next::Wait && !round.wishes.parallel;
    for ordinal in round.wishes.ordinals.clone() {
        if wait(replica(round, ordinal, plan)) {
            return false;
        }
    }
    let condemned: Vec<(i32, &Pod)> = condemned(round).collect();
    for (ordinal, pod) in &condemned {
        claims::settle(round, *ordinal, pod, plan);
    }
    // Kubernetes lets the lowest one that is not healthy go, however it is.
    let excused = condemned.iter().rev().find(|(_, p)| !round.is_healthy(p)).map(|(ordinal, _)| *ordinal);
    for (ordinal, pod) in &condemned {
        if wait(dismiss(round, *ordinal, pod, excused, plan)) {
            return false;
        }
    }
    true
}

/// The pods of ordinals that are not asked for, highest first.
fn condemned<'a>(round: &Round<'a>) -> impl Iterator<Item = (i32, &'a Pod)> {
    let wanted = round.wishes.ordinals.clone();
    round.pods.iter().rev().filter(move |(ordinal, _)| !wanted.contains(ordinal)).map(|(ordinal, pod)| (*ordinal, *pod))
}

/// The pod that there shall be for an ordinal.
fn replica(round: &Round, ordinal: i32, plan: &mut Plan) -> Next {
    let Some(pod) = round.pods.get(&ordinal) else {
        create(round, ordinal, plan);
        return Next::Wait;
    };
    if pod::is_finished(pod) {
        recreate(round, pod, plan);
        return Next::Wait;
    }
    if pod::phase(pod) == "Pending"
        && let Err(why) = claims::make(round, pod.name(), plan)
    {
        fail(round, pod.name(), &why, plan);
    }
    if let Some(at) = pod::available_at(pod, round.wishes.min_ready_seconds).filter(|at| *at > round.now) {
        plan.wake_at(at);
    }
    if !round.is_healthy(pod) && !round.wishes.parallel {
        return Next::Wait;
    }
    // One that is being adopted is mended once it is the set's.
    if !pod.is_deleting()
        && pod.controller().is_some()
        && let Some(mended) = identity::mended(pod, ordinal)
    {
        plan.update(&mended, "it lacks the labels of its identity");
    }
    claims::settle(round, ordinal, pod, plan);
    Next::Go
}

fn create(round: &Round, ordinal: i32, plan: &mut Plan) {
    let (wishes, update) = (&round.wishes, round.revisions.update.name());
    let name = identity::name(wishes.set, ordinal);
    // What an update leaves out comes back as it was.
    let kept = !wishes.on_delete && ordinal < wishes.partition;
    let revision = if kept { round.current.as_str() } else { update };
    let Some(template) = round.revisions.template(revision) else { return };
    if round.view.get::<Pod>(wishes.set.namespace(), &name).is_some() {
        return fail(round, &name, &format!("pods \"{name}\" already exists"), plan);
    }
    match claims::make(round, &name, plan) {
        Ok(true) => {
            plan.create(
                &identity::pod(wishes, &template, revision, ordinal),
                format!("ordinal {ordinal} is asked for"),
            );
            tell(round, "SuccessfulCreate", &format!("create Pod {name}"), plan);
        }
        Ok(false) => {}
        Err(why) => fail(round, &name, &why, plan),
    }
}

/// Deletes a pod that has ended, so that it can be made anew.
fn recreate(round: &Round, pod: &Pod, plan: &mut Plan) {
    if pod.is_deleting() {
        return;
    }
    let set = round.wishes.set;
    let told =
        |what: &str| format!("StatefulSet {}/{} is recreating {what} Pod {}", set.namespace(), set.name(), pod.name());
    if pod::phase(pod) == "Failed" {
        plan.warn(set, "RecreatingFailedPod", told("failed"));
    } else {
        plan.event(set, "RecreatingTerminatedPod", told("terminated"));
    }
    delete(round, pod, "it has ended", plan);
}

/// A pod that is not asked for.
fn dismiss(round: &Round, ordinal: i32, pod: &Pod, excused: Option<i32>, plan: &mut Plan) -> Next {
    if pod.is_deleting() {
        return Next::Wait;
    }
    // One that has ended will never be ready: unlike Kubernetes, nobody waits for that.
    let waits = !round.is_available(pod) && !pod::is_finished(pod) && excused != Some(ordinal);
    if waits && !round.wishes.parallel {
        return Next::Wait;
    }
    let wanted = &round.wishes.ordinals;
    delete(round, pod, &format!("{} are asked for, from {} on", wanted.len(), wanted.start), plan);
    Next::Wait
}

/// Deletes a pod, with Kubernetes' event.
pub fn delete(round: &Round, pod: &Pod, why: &str, plan: &mut Plan) {
    plan.delete(pod, why);
    tell(round, "SuccessfulDelete", &format!("delete Pod {}", pod.name()), plan);
}

fn tell(round: &Round, reason: &str, what: &str, plan: &mut Plan) {
    let set = round.wishes.set;
    plan.event(set, reason, format!("{what} in StatefulSet {} successful", set.name()));
}

fn fail(round: &Round, pod: &str, why: &str, plan: &mut Plan) {
    let set = round.wishes.set;
    plan.warn(set, "FailedCreate", format!("create Pod {pod} in StatefulSet {} failed error: {why}", set.name()));
}
