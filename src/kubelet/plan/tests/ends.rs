//! Hooks before the end, and ends that were begun.

use super::*;

fn hook() -> serde_json::Value {
    json!({"lifecycle": {"preStop": {"sleep": {"seconds": 5}}}})
}

#[test]
fn a_hook_runs_before_a_container_is_asked_to_end() {
    let case = Case::good().declares("app", &hook()).deleted_until(130);
    assert_snapshot!(case.plan(), @r"
    preStop app within 30 s: the pod is deleted
    kill side within 30 s: the pod is deleted
    ");
    let stopping = case.errand("side", Errand::Stop { until: at(130) });
    let runs = stopping.errand("app", Errand::PreStop { until: at(130) });
    assert_snapshot!(runs.plan(), @"wake at 2027-01-15T08:02:10Z");
    let over = runs.errand("app", Errand::PreStopped { until: at(130) });
    assert_snapshot!(over.plan(), @"kill app within 30 s: the pod is deleted");
    let late = over.errand("app", Errand::PreStopped { until: at(101) });
    assert_snapshot!(late.plan(), @"kill app within 2 s: the pod is deleted");
    let stuck = late.errand("app", Errand::PreStop { until: at(99) });
    assert_snapshot!(stuck.plan(), @"kill app within 2 s: the pod is deleted");
    assert!(stuck.errand("app", Errand::Stop { until: at(101) }).plan().is_idle());
}

#[test]
fn no_hook_runs_without_grace() {
    let case = Case::good().without("side").declares("app", &hook());
    assert_snapshot!(case.deleted_until(100).plan(), @"kill app within 2 s: the pod is deleted");
}

#[test]
fn a_restart_runs_the_hook_and_is_not_forgotten_when_the_probe_is_well_again() {
    let mut case = Case::good().declares("app", &hook());
    let failed = Some("failed liveness probe".to_owned());
    case.health.insert("app".to_owned(), Health { started: true, ready: false, failed });
    assert_snapshot!(case.plan(), @"preStop app within 30 s: Container app failed liveness probe, will be restarted");
    case.health.clear();
    let over = case.errand("app", Errand::PreStopped { until: at(130) });
    assert_snapshot!(over.plan(), @"kill app within 30 s: it is on its way out");
}

#[test]
fn a_shorter_grace_shortens_an_end_that_was_begun() {
    let case = Case::good().without("side").errand("app", Errand::Stop { until: at(128) }).deleted_until(130);
    assert!(case.plan().is_idle());
    assert_snapshot!(case.deleted_until(105).plan(), @"kill app within 5 s: the pod is deleted");
    let slow = Case::good().without("side").errand("app", Errand::PreStop { until: at(128) });
    assert_snapshot!(slow.deleted_until(105).plan(), @"wake at 2027-01-15T08:01:45Z");
}

#[test]
fn a_probes_own_grace_goes_before_the_pods() {
    let probe = json!({"startupProbe": {"terminationGracePeriodSeconds": 60}, "livenessProbe": {"terminationGracePeriodSeconds": 3}});
    let mut case = Case::good().declares("app", &probe);
    let mut fails = |why: &str| {
        let failed = Some(why.to_owned());
        case.health.insert("app".to_owned(), Health { started: true, ready: false, failed });
        case.plan().to_string()
    };
    assert!(fails("failed liveness probe").starts_with("kill app within 3 s"));
    assert!(fails("failed startup probe").starts_with("kill app within 60 s"));
}

#[test]
fn a_pod_that_was_active_for_too_long_ends() {
    let case = Case::good().spec(&json!({"activeDeadlineSeconds": 60}));
    let began = |second| json!({"startTime": at(second).to_string()});
    assert_snapshot!(case.told(began(50)).plan(), @"wake at 2027-01-15T08:01:50Z");
    let case = Case::good().spec(&json!({"activeDeadlineSeconds": 60})).told(began(40));
    assert_snapshot!(case.plan(), @r"
    kill app within 30 s: the pod was active for longer than it may be
    kill side within 30 s: the pod was active for longer than it may be
    ");
    let ended = case.but("app", exited(1, 143)).but("side", exited(1, 143));
    assert_snapshot!(ended.plan(), @"kill POD within 1 s: the pod was active for longer than it may be");
    assert!(ended.errand("POD", Errand::Stop { until: at(101) }).plan().is_idle());
}
