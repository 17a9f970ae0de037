//! CronJobs: a Job at each time of a schedule, and few that have ended.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/>

mod history;
mod make;
mod missed;
#[cfg(test)]
mod tests;

use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::job;
use crate::api::schedule::Schedule;
use crate::api::{Key, Kind, Object, Plan, Timestamp, View};

/// The CronJobs that a changed key concerns: itself, or the owner of the Job. Whose a Job was that is gone, nobody knows.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    let kind = Kind::of::<CronJob>();
    if changed.kind == kind {
        return vec![changed.clone()];
    }
    match view.get::<Job>(&changed.namespace, &changed.name) {
        Some(job) => {
            let owner = job.controller().filter(|o| o.kind == kind.kind);
            owner.map(|o| Key::new(kind, &changed.namespace, &o.name)).into_iter().collect()
        }
        None => view.list::<CronJob>(&changed.namespace).map(Object::key).collect(),
    }
}

/// What a CronJob needs next.
pub fn plan(view: &View, key: &Key, now: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let Some(cron) = view.get::<CronJob>(&key.namespace, &key.name) else { return plan };
    let controls = |job: &&Job| job.controller().is_some_and(|o| o.uid == cron.uid());
    let jobs: Vec<&Job> = view.list::<Job>(&key.namespace).filter(controls).collect();
    let mut new = cron.clone();
    observe(&mut new, &jobs, &mut plan);
    if !cron.is_deleting() {
        history::prune(cron, &jobs, &mut plan);
        run(cron, &mut new, &jobs, now, &mut plan);
    }
    if new.status != cron.status {
        plan.update_status(&new, "");
    }
    plan
}

/// Tells which Jobs are at work, and when one succeeded last.
fn observe(cron: &mut CronJob, jobs: &[&Job], plan: &mut Plan) {
    let mut status = cron.status.take().unwrap_or_default();
    for old in status.active.iter().flatten() {
        let name = old.name.as_deref().unwrap_or_default();
        match jobs.iter().find(|j| Some(j.uid()) == old.uid.as_deref()) {
            None => plan.event(cron, "MissingJob", format!("Active job went missing: {name}")),
            Some(job) => {
                if let Some((end, _)) = job::end(job) {
                    plan.event(cron, "SawCompletedJob", format!("Saw completed job: {name}, condition: {end}"));
                }
            }
        }
    }
    let active: Vec<_> = jobs.iter().filter(|j| !job::is_finished(j)).map(|j| reference(j)).collect();
    status.active = Some(active).filter(|a| !a.is_empty());
    let completed = jobs.iter().filter_map(|j| j.status.as_ref()?.completion_time.clone()).max();
    status.last_successful_time = status.last_successful_time.max(completed);
    cron.status = Some(status);
}

fn reference(job: &Job) -> ObjectReference {
    ObjectReference {
        api_version: Some("batch/v1".to_owned()),
        kind: Some("Job".to_owned()),
        name: job.metadata.name.clone(),
        namespace: job.metadata.namespace.clone(),
        uid: job.metadata.uid.clone(),
        ..ObjectReference::default()
    }
}

/// Makes the Job whose time has come, if one has.
fn run(cron: &CronJob, new: &mut CronJob, jobs: &[&Job], now: Timestamp, plan: &mut Plan) {
    let spec = &cron.spec;
    if spec.suspend == Some(true) {
        return;
    }
    let schedule = match Schedule::parse(&spec.schedule, spec.time_zone.as_deref()) {
        Ok(schedule) => schedule,
        Err(why) => {
            return plan.warn(
                cron,
                "UnparseableSchedule",
                format!("unparseable schedule: {:?} : {why}", spec.schedule),
            );
        }
    };
    let missed = missed::look(cron, &schedule, now);
    if missed.many {
        let why = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
        plan.warn(cron, "TooManyMissedTimes", why);
    }
    if let Some(at) = schedule.next(now) {
        plan.wake_at(at);
    }
    let Some(due) = missed.due else { return };
    let name = make::name(cron, due);
    let last = cron.status.as_ref().and_then(|s| s.last_schedule_time.as_ref());
    if last.is_some_and(|last| last.0 == due) || jobs.iter().any(|j| j.name() == name) {
        return;
    }
    let active: Vec<&&Job> = jobs.iter().filter(|j| !job::is_finished(j)).collect();
    if !active.is_empty() {
        match spec.concurrency_policy.as_deref() {
            Some("Forbid") => {
                let why = "Not starting job because prior execution is running and concurrency policy is Forbid";
                return plan.event(cron, "JobAlreadyActive", why);
            }
            Some("Replace") => {
                for job in active.iter().filter(|j| !j.is_deleting()) {
                    plan.delete(**job, "the next one is due");
                    plan.event(cron, "SuccessfulDelete", format!("Deleted job {}", job.name()));
                }
            }
            _ => {}
        }
    }
    plan.create(&make::job(cron, &name, schedule.text(due)), format!("due at {due}"));
    plan.event(cron, "SuccessfulCreate", format!("Created job {name}"));
    new.status.get_or_insert_default().last_schedule_time = Some(Time(due));
}
