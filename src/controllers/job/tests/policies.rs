//! The policies of Jobs: what a failure means, what success is, and limits of single indexes.

use serde_json::json;

use super::world::World;

fn policy(action: &str) -> serde_json::Value {
    json!({"rules": [
        {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]},
        {"action": action, "onExitCodes": {"operator": "In", "values": [42]}},
    ]})
}

#[test]
fn a_fatal_code_fails_the_job_at_once() {
    let mut world = World::of(&json!({"parallelism": 2, "completions": 2, "podFailurePolicy": policy("FailJob")}));
    world.settle();
    world.end_first(42);
    world.settle();
    assert_eq!(world.end(), "", "the other pod still runs");
    world.stop_deleted();
    world.settle();
    assert_eq!(world.end(), "Failed PodFailurePolicy");
    let message = world.job().status.unwrap().conditions.unwrap().pop().unwrap().message.unwrap();
    assert!(message.starts_with("Container c for pod shop/sum-"), "{message}");
    assert!(message.ends_with(" failed with exit code 42 matching FailJob rule at index 1"), "{message}");
}

#[test]
fn an_ignored_failure_does_not_count() {
    let mut world = World::of(&json!({"backoffLimit": 0, "podFailurePolicy": policy("Ignore")}));
    world.settle();
    world.end_first(42);
    world.settle();
    assert_eq!((world.end(), world.status("failed")), (String::new(), json!(null)));
    world.set_now(world.wake.unwrap());
    world.settle();
    world.end_first(1);
    world.settle();
    assert_eq!((world.end(), world.status("failed")), ("Failed BackoffLimitExceeded".to_owned(), json!(1)));
}

#[test]
fn each_index_has_its_own_limit() {
    let mut world = World::of(&json!({
        "completions": 2, "parallelism": 2, "completionMode": "Indexed", "backoffLimitPerIndex": 1,
        "podFailurePolicy": policy("FailIndex"),
    }));
    world.settle();
    let first = world.pods()[0].clone();
    world.end_pod(&crate::api::Object::key(&first), 1);
    world.settle();
    assert_eq!(world.status("failedIndexes"), "");
    world.set_now(world.wake.unwrap());
    world.settle();
    let again = world
        .pods()
        .into_iter()
        .filter(World::runs)
        .find(|p| p.spec.as_ref().unwrap().hostname.as_deref() == Some("sum-0"))
        .unwrap();
    let count = &again.metadata.annotations.as_ref().unwrap()["batch.kubernetes.io/job-index-failure-count"];
    assert_eq!(count, "1");
    world.end_pod(&crate::api::Object::key(&again), 1);
    world.settle();
    assert_eq!((world.status("failedIndexes"), world.end()), (json!("0"), String::new()));
    world.end_first(0);
    world.settle();
    assert_eq!(world.end(), "Failed FailedIndexes");
    assert_eq!((world.status("succeeded"), world.status("failed")), (json!(1), json!(2)));
}

#[test]
fn an_index_fails_by_rule_and_too_many_of_them_fail_the_job() {
    let mut world = World::of(&json!({
        "completions": 4, "parallelism": 2, "completionMode": "Indexed", "backoffLimitPerIndex": 5, "maxFailedIndexes": 1,
        "podFailurePolicy": policy("FailIndex"),
    }));
    world.settle();
    world.end_first(42);
    world.settle();
    assert_eq!((world.status("failedIndexes"), world.active()), (json!("0"), 2));
    world.end_first(42);
    world.settle();
    world.stop_deleted();
    world.settle();
    assert_eq!(
        (world.status("failedIndexes"), world.end()),
        (json!("0,1"), "Failed MaxFailedIndexesExceeded".to_owned())
    );
}

#[test]
fn enough_success_ends_the_rest() {
    let mut world = World::of(&json!({
        "completions": 4, "parallelism": 4, "completionMode": "Indexed",
        "successPolicy": {"rules": [{"succeededIndexes": "0-1", "succeededCount": 1}]},
    }));
    world.settle();
    world.end_first(0);
    world.settle();
    world.stop_deleted();
    world.settle();
    assert_eq!((world.end(), world.status("failed")), ("Complete SuccessPolicy".to_owned(), json!(null)));
    assert_eq!((world.status("succeeded"), world.pods().len()), (json!(1), 1));
}
