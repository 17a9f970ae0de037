//! Which pod a DaemonSet makes or deletes next.
//! <https://kubernetes.io/docs/tasks/manage-daemon/update-daemon-set/>

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::Pod;

use super::{Round, place};
use crate::api::{Object, Plan};
use crate::controllers::revisions::HASH;
use crate::controllers::{amount, pod, template};

/// A pod that failed is replaced no sooner than so long after it was made.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// Makes the pod that the node lacks, deletes those that it does not need, and replaces one of an older template.
pub fn plan(round: &Round, plan: &mut Plan) {
    let kept = round.node.is_some_and(|node| place::suits_still(node, round.spec));
    if !kept {
        for pod in round.pods.iter().filter(|p| !p.is_deleting()) {
            delete(round, pod, "the node does not suit it", plan);
        }
        return;
    }
    bury(round, plan);
    let living: Vec<&Pod> = round.pods.iter().copied().filter(|p| pod::is_active(p)).collect();
    for pod in &living {
        let at = pod::available_at(pod, round.spec.min_ready_seconds.unwrap_or(0));
        at.filter(|at| *at > round.now).into_iter().for_each(|at| plan.wake_at(at));
    }
    let (new, old): (Vec<_>, Vec<_>) = living.iter().copied().partition(|p| round.is_new(p));
    if round.pods.is_empty() && round.is_wanted() {
        create(round, "the node has none", plan);
    } else if surge(round) > 0 {
        replace_first(round, &new, &old, plan);
    } else {
        for pod in living.iter().skip(1) {
            delete(round, pod, "one is enough", plan);
        }
        // A pod on its way out is the one that may be unavailable.
        if let (Some(pod), true) =
            (old.first(), is_rolling(round) && living.len() == round.pods.len() && new.is_empty())
        {
            delete(round, pod, "it is of an older template", plan);
        }
    }
}

/// With a surge the new pod comes first; the old one goes when that is available, or if it is not ready itself.
fn replace_first(round: &Round, new: &[&Pod], old: &[&Pod], plan: &mut Plan) {
    for pod in new.iter().skip(1).chain(old.iter().skip(1)) {
        delete(round, pod, "one is enough", plan);
    }
    match (new.first(), old.first()) {
        (Some(new), Some(old)) if round.is_available(new) => {
            delete(round, old, &format!("{} has taken its place", new.name()), plan);
        }
        (Some(_), Some(old)) if !pod::is_ready(old) => delete(round, old, "it is not ready anyway", plan),
        (None, Some(old)) if is_rolling(round) && round.is_wanted() => {
            create(round, &format!("{} is of an older template", old.name()), plan);
        }
        _ => {}
    }
}

/// Deletes pods that have ended, so that others take their place.
fn bury(round: &Round, plan: &mut Plan) {
    for pod in round.pods.iter().filter(|p| pod::is_finished(p) && !p.is_deleting()) {
        let (failed, node) = (pod::phase(pod) == "Failed", round.node.map_or("", Object::name));
        let due = pod.metadata.creation_timestamp.as_ref().map_or(round.now, |t| t.0 + PAUSE);
        if failed && due > round.now {
            plan.wake_at(due);
            continue;
        }
        let found = |state: &str| format!("Found {state} daemon pod {}/{} on node {node}", pod.namespace(), pod.name());
        if failed {
            plan.warn(round.set, "FailedDaemonPod", format!("{}, will try to kill it", found("failed")));
        } else {
            plan.event(round.set, "SucceededDaemonPod", format!("{}, will try to delete it", found("succeeded")));
        }
        delete(round, pod, "it has ended", plan);
    }
}

fn create(round: &Round, why: &str, plan: &mut Plan) {
    let Some(node) = round.node else { return };
    let name = template::free_name(round.view, round.set, round.now, &[]);
    let mut pod = template::pod(round.set, &round.spec.template, &name);
    pod.metadata.labels.get_or_insert_default().insert(HASH.to_owned(), round.hash.to_owned());
    let spec = pod.spec.get_or_insert_default();
    place::tolerate(spec);
    place::pin(spec, node.name());
    plan.create(&pod, why);
    plan.event(round.set, "SuccessfulCreate", format!("Created pod: {name}"));
}

fn delete(round: &Round, pod: &Pod, why: &str, plan: &mut Plan) {
    plan.delete(pod, why);
    plan.event(round.set, "SuccessfulDelete", format!("Deleted pod: {}", pod.name()));
}

/// Whether pods of older templates are replaced, and not only when somebody deletes them.
fn is_rolling(round: &Round) -> bool {
    round.spec.update_strategy.as_ref().and_then(|s| s.type_.as_deref()) != Some("OnDelete")
}

/// How many pods there may be beside the one.
fn surge(round: &Round) -> i32 {
    let rolling = round.spec.update_strategy.as_ref().and_then(|s| s.rolling_update.as_ref());
    rolling.and_then(|r| r.max_surge.as_ref()).map_or(0, |surge| amount::ceil(surge, 1))
}
