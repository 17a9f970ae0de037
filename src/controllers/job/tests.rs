//! Jobs: what is made, counted, waited for and decided, step by step; `properties` drives them at random.

mod policies;
mod properties;
mod world;

use insta::assert_snapshot;
use serde_json::json;

use world::World;

#[test]
fn a_job_runs_its_pod_counts_it_and_is_complete() {
    let mut world = World::of(&json!({}));
    assert_snapshot!(world.round(), @r#"
    create Pod shop/sum-POD: 1 wanted, 0 there
    event Job shop/sum SuccessfulCreate: Created pod: sum-POD
    status Job shop/sum {"active":1,"ready":0,"startTime":"1970-01-01T00:00:00Z","terminating":0,"uncountedTerminatedPods":{}}
    "#);
    world.end_first(0);
    assert_snapshot!(world.round(), @r#"status Job shop/sum {"conditions":[{"lastProbeTime":"1970-01-01T00:00:00Z","lastTransitionTime":"1970-01-01T00:00:00Z","message":"Reached expected number of succeeded pods","reason":"CompletionsReached","status":"True","type":"SuccessCriteriaMet"}],"ready":0,"startTime":"1970-01-01T00:00:00Z","terminating":0,"uncountedTerminatedPods":{"succeeded":["UID"]}}"#);
    assert_snapshot!(world.round(), @"update Pod shop/sum-POD: its end is counted");
    assert_snapshot!(world.round(), @r#"
    event Job shop/sum Completed: Job completed
    status Job shop/sum {"completionTime":"1970-01-01T00:00:00Z","conditions":[{"lastProbeTime":"1970-01-01T00:00:00Z","lastTransitionTime":"1970-01-01T00:00:00Z","message":"Reached expected number of succeeded pods","reason":"CompletionsReached","status":"True","type":"SuccessCriteriaMet"},{"lastProbeTime":"1970-01-01T00:00:00Z","lastTransitionTime":"1970-01-01T00:00:00Z","message":"Reached expected number of succeeded pods","reason":"CompletionsReached","status":"True","type":"Complete"}],"ready":0,"startTime":"1970-01-01T00:00:00Z","succeeded":1,"terminating":0,"uncountedTerminatedPods":{}}
    "#);
    assert_snapshot!(world.round(), @"");
}

#[test]
fn pods_with_an_index_know_it() {
    let mut world = World::of(&json!({"completions": 3, "parallelism": 2, "completionMode": "Indexed"}));
    world.settle();
    let pods = world.pods();
    let seen: Vec<_> =
        pods.iter().map(|p| (&p.metadata.labels, p.spec.as_ref().unwrap().hostname.clone().unwrap())).collect();
    assert_eq!(seen.iter().map(|(_, host)| host.as_str()).collect::<Vec<_>>(), ["sum-0", "sum-1"]);
    let pod = crate::api::Object::to_value(&pods[1]);
    assert_eq!(pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"], "1");
    assert_eq!(pod["metadata"]["labels"]["batch.kubernetes.io/job-completion-index"], "1");
    assert_eq!(
        pod["spec"]["containers"][0]["env"][0],
        json!({"name": "JOB_COMPLETION_INDEX", "valueFrom":
            {"fieldRef": {"fieldPath": "metadata.annotations['batch.kubernetes.io/job-completion-index']"}}})
    );
    world.end_first(0);
    world.settle();
    assert_eq!(world.status("completedIndexes"), "0");
    world.end_first(0);
    world.end_first(0);
    world.settle();
    assert_eq!(
        (world.status("completedIndexes"), world.end()),
        (json!("0-2"), "Complete CompletionsReached".to_owned())
    );
}

#[test]
fn failures_are_waited_for_longer_each_time_until_they_are_too_many() {
    let mut world = World::of(&json!({"backoffLimit": 2}));
    let mut waits = Vec::new();
    for _ in 0..2 {
        world.settle();
        world.end_first(1);
        world.settle();
        assert_eq!(world.active(), 0);
        let wake = world.wake.unwrap();
        waits.push(wake.duration_since(world.now()).as_secs());
        world.set_now(wake);
    }
    world.settle();
    world.end_first(1);
    world.settle();
    assert_eq!(waits, [10, 20]);
    assert_eq!((world.end(), world.status("failed")), ("Failed BackoffLimitExceeded".to_owned(), json!(3)));
}

#[test]
fn a_late_job_ends_with_all_that_runs() {
    let mut world = World::of(&json!({"activeDeadlineSeconds": 30, "parallelism": 2, "completions": 4}));
    world.settle();
    world.end_first(0);
    world.settle();
    assert_eq!(world.wake.unwrap().as_second(), 30);
    world.set_now(world.wake.unwrap());
    let text = world.round();
    assert!(text.starts_with("delete Pod shop/sum-POD: DeadlineExceeded\n"), "{text}");
    world.settle();
    assert_eq!(world.end(), "Failed DeadlineExceeded");
    assert_eq!((world.status("succeeded"), world.status("failed")), (json!(1), json!(2)));
}

#[test]
fn a_suspended_job_has_no_pods_and_begins_anew() {
    let mut world = World::of(&json!({"activeDeadlineSeconds": 60, "parallelism": 2, "completions": 2}));
    world.settle();
    world.change(&json!({"suspend": true}));
    let text = world.round();
    assert!(text.contains("update Pod shop/sum-POD: how it ends does not matter\ndelete Pod"), "{text}");
    assert!(text.contains("event Job shop/sum Suspended: Job suspended"), "{text}");
    world.settle();
    assert_eq!((world.pods().len(), world.status("failed")), (0, json!(null)));
    world.set_now(crate::api::Timestamp::from_second(100).unwrap());
    assert_eq!(world.round(), "");
    world.change(&json!({"suspend": false}));
    let text = world.round();
    assert!(text.contains("event Job shop/sum Resumed: Job resumed"), "{text}");
    assert_eq!((world.status("startTime"), world.active()), (json!("1970-01-01T00:01:40Z"), 2));
}

#[test]
fn a_job_goes_a_while_after_its_end() {
    let mut world = World::of(&json!({"ttlSecondsAfterFinished": 10}));
    world.settle();
    world.end_first(0);
    world.settle();
    assert_eq!(world.wake.unwrap().as_second(), 10);
    world.set_now(world.wake.unwrap());
    assert_snapshot!(world.round(), @"delete Job shop/sum after what it owns: it ended 10 seconds ago");
}

#[test]
fn the_pods_of_a_job_that_goes_are_let_go() {
    let mut world = World::of(&json!({}));
    world.settle();
    world.remove_job();
    assert_snapshot!(world.round(), @"update Pod shop/sum-POD: its Job is gone");
}

#[test]
fn a_pod_on_its_way_out_is_replaced_at_once_or_when_it_has_ended() {
    let after_deletion = |policy: &str| {
        let mut world = World::of(&json!({"podReplacementPolicy": policy}));
        world.settle();
        world.delete_first();
        world.round();
        world.settle();
        (world.active(), world.status("failed"))
    };
    assert_eq!(after_deletion("TerminatingOrFailed"), (1, json!(1)));
    assert_eq!(after_deletion("Failed"), (0, json!(null)));
}

#[test]
fn more_parallelism_makes_pods_and_less_deletes_them() {
    let mut world = World::of(&json!({"completions": 5, "parallelism": 1}));
    world.settle();
    world.change(&json!({"parallelism": 4}));
    world.settle();
    assert_eq!(world.active(), 4);
    world.change(&json!({"parallelism": 2}));
    world.settle();
    assert_eq!((world.active(), world.status("failed")), (2, json!(null)));
}
