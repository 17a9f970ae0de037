//! CronJobs: when Jobs are made, what happens to those that overlap, and which are kept.

use insta::assert_snapshot;
use k8s_openapi::api::batch::v1::{CronJob, Job};
use serde_json::{Value, json};

use super::plan;
use crate::api::{Action, Object, Timestamp, View};

fn at(text: &str) -> Timestamp {
    format!("2024-05-01T{text}Z").parse().unwrap()
}

/// Every ten minutes, made at noon.
fn cron(spec: &Value, last: Option<&str>) -> CronJob {
    let mut cron = json!({
        "metadata": {"name": "report", "namespace": "shop", "uid": "c1", "creationTimestamp": at("12:00:00")},
        "spec": {
            "schedule": "*/10 * * * *", "successfulJobsHistoryLimit": 1, "failedJobsHistoryLimit": 1,
            "jobTemplate": {"metadata": {"labels": {"a": "b"}}, "spec": {"template": {"spec": {"containers": []}}}},
        },
        "status": {"lastScheduleTime": last.map(at)},
    });
    cron["spec"].as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
    serde_json::from_value(cron).unwrap()
}

/// A Job of the CronJob that began at this time; `end` is `Complete`, `Failed`, or empty while it runs.
fn job(name: &str, began: &str, end: &str) -> Job {
    let conditions = json!([{"type": end, "status": "True", "lastTransitionTime": at(began)}]);
    let job = json!({
        "metadata": {
            "name": name, "namespace": "shop", "uid": name,
            "ownerReferences": [{"apiVersion": "batch/v1", "kind": "CronJob", "name": "report", "uid": "c1", "controller": true}],
        },
        "spec": {"template": {"spec": {"containers": []}}},
        "status": {"startTime": at(began), "conditions": if end.is_empty() { json!([]) } else { conditions }},
    });
    serde_json::from_value(job).unwrap()
}

fn text(cron: CronJob, jobs: Vec<Job>, now: &str) -> String {
    let key = cron.key();
    let mut view = View::of([cron]);
    view.extend(jobs);
    plan(&view, &key, at(now)).to_string()
}

#[test]
fn it_never_runs_because_it_is_applied() {
    assert_snapshot!(text(cron(&json!({}), None), vec![], "12:09:59"), @"wake at 2024-05-01T12:10:00Z");
    assert_snapshot!(text(cron(&json!({"suspend": true}), None), vec![], "12:10:00"), @"");
}

#[test]
fn a_job_is_made_when_its_time_has_come_and_once() {
    let first = text(cron(&json!({}), None), vec![], "12:10:00");
    assert_snapshot!(first, @r#"
    create Job shop/report-28576090: due at 2024-05-01T12:10:00Z
    event CronJob shop/report SuccessfulCreate: Created job report-28576090
    status CronJob shop/report {"lastScheduleTime":"2024-05-01T12:10:00Z"}
    wake at 2024-05-01T12:20:00Z
    "#);
    let done = cron(&json!({}), Some("12:10:00"));
    assert_snapshot!(text(done, vec![], "12:15:00"), @"wake at 2024-05-01T12:20:00Z");
}

#[test]
fn the_job_carries_the_template_and_its_time() {
    let cron = cron(&json!({"timeZone": "Europe/Berlin"}), None);
    let plan = plan(&View::of([cron.clone()]), &cron.key(), at("12:10:30"));
    let Action::Create(_, job) = &plan.steps[0].action else { panic!("{plan}") };
    assert_eq!(
        job["metadata"],
        json!({
            "name": "report-28576090", "namespace": "shop", "labels": {"a": "b"},
            "annotations": {"batch.kubernetes.io/cronjob-scheduled-timestamp": "2024-05-01T14:10:00+02:00"},
            "ownerReferences": [{"apiVersion": "batch/v1", "kind": "CronJob", "name": "report", "uid": "c1",
                "controller": true, "blockOwnerDeletion": true}],
        })
    );
}

#[test]
fn of_missed_times_the_last_counts_unless_all_are_too_old() {
    let missed = |spec: Value, last: &str, now: &str| text(cron(&spec, Some(last)), vec![], now);
    assert!(
        missed(json!({}), "12:10:00", "13:05:00")
            .starts_with("create Job shop/report-28576140: due at 2024-05-01T13:00:00Z")
    );
    let deadline = json!({"startingDeadlineSeconds": 120});
    assert_snapshot!(missed(deadline.clone(), "12:10:00", "13:05:00"), @"wake at 2024-05-01T13:10:00Z");
    assert!(missed(deadline, "12:10:00", "13:01:00").starts_with("create Job shop/report-28576140"));
    let often = missed(json!({"schedule": "* * * * *"}), "12:00:00", "13:41:30");
    assert!(often.starts_with("warn CronJob shop/report TooManyMissedTimes: too many missed start times"), "{often}");
    assert!(often.contains("create Job shop/report-28576181"), "{often}");
    assert!(!missed(json!({"schedule": "* * * * *"}), "12:00:00", "13:40:30").contains("TooMany"));
}

#[test]
fn jobs_overlap_wait_or_are_replaced() {
    let overlap = |policy: &str| {
        text(
            cron(&json!({"concurrencyPolicy": policy}), Some("12:10:00")),
            vec![job("old", "12:10:00", "")],
            "12:20:00",
        )
    };
    assert!(overlap("Allow").starts_with("create Job shop/report-28576100"));
    assert_snapshot!(overlap("Forbid"), @r#"
    event CronJob shop/report JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid
    status CronJob shop/report {"active":[{"apiVersion":"batch/v1","kind":"Job","name":"old","namespace":"shop","uid":"old"}],"lastScheduleTime":"2024-05-01T12:10:00Z"}
    wake at 2024-05-01T12:30:00Z
    "#);
    assert!(overlap("Replace").starts_with(
        "delete Job shop/old: the next one is due\nevent CronJob shop/report SuccessfulDelete: Deleted job old\ncreate Job"
    ));
}

#[test]
fn what_has_ended_is_kept_up_to_the_limits() {
    let jobs = vec![
        job("a", "12:10:00", "Complete"),
        job("b", "12:20:00", "Failed"),
        job("c", "12:30:00", "Complete"),
        job("d", "12:40:00", "Failed"),
        job("e", "12:50:00", ""),
    ];
    assert_snapshot!(text(cron(&json!({}), Some("12:50:00")), jobs, "12:51:00"), @r#"
    delete Job shop/a: 1 of those that ended so are kept
    event CronJob shop/report SuccessfulDelete: Deleted job a
    delete Job shop/b: 1 of those that ended so are kept
    event CronJob shop/report SuccessfulDelete: Deleted job b
    status CronJob shop/report {"active":[{"apiVersion":"batch/v1","kind":"Job","name":"e","namespace":"shop","uid":"e"}],"lastScheduleTime":"2024-05-01T12:50:00Z"}
    wake at 2024-05-01T13:00:00Z
    "#);
}
