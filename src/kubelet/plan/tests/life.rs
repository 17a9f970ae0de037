//! Hooks after the start, restarts by rules, ephemeral containers, resizes.

use super::*;

#[test]
fn the_next_container_waits_for_a_post_start_hook() {
    let hook = json!({"lifecycle": {"postStart": {"exec": {"command": ["x"]}}}});
    let case = Case::good().declares("app", &hook);
    let new = Case { engine: case.engine[..1].to_vec(), ..case };
    assert_snapshot!(new.plan(), @"start app, attempt 0: it is not there");
    let mut runs = Case { engine: good()[..2].to_vec(), ..new }.errand("app", Errand::PostStart);
    assert!(runs.plan().is_idle());
    runs.errands.clear();
    assert_snapshot!(runs.plan(), @"start side, attempt 0: it is not there");
    let failed = runs.errand("app", Errand::PostStartFailed("no".to_owned()));
    assert_snapshot!(failed.plan(), @r"
    kill app within 30 s: FailedPostStartHook
    start side, attempt 0: it is not there
    ");
}

#[test]
fn rules_decide_by_the_exit_code_whether_a_container_starts_again() {
    let rule = json!([{"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}]);
    let own = json!({"restartPolicy": "Never", "restartPolicyRules": rule});
    let ended = |code| Case::good().declares("app", &own).but("app", exited(50, code));
    assert_snapshot!(ended(42).plan(), @"start app, attempt 1: it ended with code 42");
    assert!(ended(1).plan().is_idle());
    let init = |code| {
        let one = container("one", 0, 1, exited(1, code));
        Case::with_inits(&[container("", 0, 0, running(0)), one]).declares("one", &own)
    };
    assert_snapshot!(init(42).plan(), @"start init one, attempt 1: it ended with code 42");
    assert!(init(1).plan().is_idle());
}

#[test]
fn what_the_engine_could_not_start_has_ended() {
    let failed = || {
        let error = "no such program".to_owned();
        State::Exited { started: None, finished: at(95), code: 128, oom: false, error }
    };
    assert!(Case::good().but("app", failed()).policy("Never").plan().is_idle());
    let mut case = Case::good().but("app", failed());
    assert_snapshot!(case.plan(), @"start app, attempt 1: it ended with code 128");
    case.memory.restarted("app", at(80));
    assert_snapshot!(case.plan(), @r"
    app waits: RunContainerError no such program
    wake at 2027-01-15T08:01:45Z
    ");
}

#[test]
fn an_ephemeral_container_starts_once_and_beside_init_containers() {
    let added = json!({"ephemeralContainers": [{"name": "debug", "image": "busybox:1"}]});
    let case = Case::good().spec(&added);
    assert_snapshot!(case.plan(), @"start ephemeral debug, attempt 0: it was added");
    let mut ended = case;
    let mut debug = container("app", 0, 50, exited(50, 1));
    debug.labels.insert(crate::api::names::container::CONTAINER.to_owned(), "debug".to_owned());
    ended.engine.push(debug);
    assert!(ended.plan().is_idle());
    let begins = Case::with_inits(&[container("", 0, 0, running(0)), container("one", 0, 1, running(1))]).spec(&added);
    assert_snapshot!(begins.plan(), @"start ephemeral debug, attempt 0: it was added");
}

#[test]
fn a_container_gets_other_limits_while_it_runs() {
    let size = json!({"resources": {"limits": {"cpu": "500m", "memory": "64Mi"}}});
    let case = Case::good().declares("app", &size);
    assert_snapshot!(case.plan(), @"resize app to 512 shares, 500m cpu, 67108864 bytes");
    let mut fits = Case::good().declares("app", &size);
    fits.engine[1].limits = case.plan().resize[0].limits;
    assert!(fits.plan().is_idle());
    let mut refused = case;
    refused.memory.failed(&resize_key("app"), "ResizeError", "device or resource busy".to_owned(), at(95));
    assert_snapshot!(refused.plan(), @"wake at 2027-01-15T08:01:45Z");
}

#[test]
fn a_resize_restarts_the_container_where_it_says_so() {
    let size = json!({
        "resources": {"limits": {"memory": "64Mi"}},
        "resizePolicy": [{"resourceName": "memory", "restartPolicy": "RestartContainer"}],
    });
    let case = Case::good().declares("app", &size);
    assert_snapshot!(case.plan(), @"kill app within 30 s: Container app resize requires restart");
    let mut other =
        Case::good().declares("app", &size).declares("app", &json!({"resources": {"limits": {"cpu": "1"}}}));
    other.engine[1].limits.memory = None;
    assert_snapshot!(other.plan(), @"resize app to 1024 shares, 1000m cpu");
}
