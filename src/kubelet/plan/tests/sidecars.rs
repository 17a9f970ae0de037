//! Init containers that run beside the app containers.

use super::*;

/// The pod with the init containers `one`, which is a sidecar, and `two`, which is not.
fn with_sidecar(engine: &[Container]) -> Case {
    Case::with_inits(engine).declares("one", &json!({"restartPolicy": "Always"}))
}

/// The pod with two sidecars.
fn with_sidecars(engine: &[Container]) -> Case {
    with_sidecar(engine).declares("two", &json!({"restartPolicy": "Always"}))
}

fn sandbox() -> Container {
    container("", 0, 0, running(0))
}

fn one(state: State) -> Container {
    container("one", 0, 1, state)
}

fn two(state: State) -> Container {
    container("two", 0, 3, state)
}

fn health(started: bool) -> Health {
    Health { started, ready: started, failed: None }
}

/// All of it running.
fn whole() -> Vec<Container> {
    let apps = ["app", "side"].map(|name| container(name, 0, 4, running(4)));
    [sandbox(), one(running(1)), two(running(3))].into_iter().chain(apps).collect()
}

#[test]
fn the_next_one_waits_until_a_sidecar_has_started() {
    assert_snapshot!(with_sidecar(&[sandbox()]).plan(), @"start init one, attempt 0: it is not there");
    let runs = [sandbox(), one(running(1))];
    assert_snapshot!(with_sidecar(&runs).plan(), @"start init two, attempt 0: it is its turn");
    let mut probed = with_sidecar(&runs).declares("one", &json!({"startupProbe": {}}));
    assert!(probed.plan().is_idle(), "before its first result");
    probed.health.insert("one".to_owned(), health(false));
    assert!(probed.plan().is_idle());
    probed.health.insert("one".to_owned(), health(true));
    assert_snapshot!(probed.plan(), @"start init two, attempt 0: it is its turn");
    let hooked = with_sidecar(&runs).errand("one", Errand::PostStart);
    assert!(hooked.plan().is_idle(), "its postStart hook runs");
}

#[test]
fn app_containers_start_beside_sidecars_that_run() {
    assert_snapshot!(with_sidecars(&whole()[..3]).plan(), @r"
    start app, attempt 0: it is not there
    start side, attempt 0: it is not there
    ");
    assert!(with_sidecars(&whole()).plan().is_idle());
}

#[test]
fn a_sidecar_that_dies_comes_back_and_holds_nothing_up() {
    let during = with_sidecar(&[sandbox(), one(exited(1, 0)), two(running(3))]);
    assert_snapshot!(during.plan(), @"start init one, attempt 1: it ended with code 0");
    let next = with_sidecar(&[sandbox(), one(exited(1, 1)), two(exited(3, 0))]).policy("Never");
    assert_snapshot!(next.plan(), @r"
    start init one, attempt 1: it ended with code 1
    start app, attempt 0: it is not there
    start side, attempt 0: it is not there
    ");
    let later = with_sidecars(&whole()).but("two", exited(50, 1)).policy("OnFailure");
    assert_snapshot!(later.plan(), @"start init two, attempt 1: it ended with code 1");
    assert_snapshot!(with_sidecars(&whole()).without("one").plan(), @"start init one, attempt 0: it is not there");
}

#[test]
fn a_sidecar_that_crashes_again_waits_while_the_rest_goes_on() {
    let mut case = with_sidecars(&whole()).but("one", exited(95, 1)).but("app", exited(95, 1));
    case.memory.restarted("one", at(80));
    assert_snapshot!(case.plan(), @r"
    start app, attempt 1: it ended with code 1
    one waits: CrashLoopBackOff back-off 10s restarting failed container=one pod=web_shop(u1)
    wake at 2027-01-15T08:01:46Z
    ");
}

#[test]
fn a_failed_probe_restarts_a_sidecar() {
    let mut case = with_sidecars(&whole());
    let failed = Some("failed liveness probe".to_owned());
    case.health.insert("two".to_owned(), Health { started: true, ready: true, failed });
    assert_snapshot!(case.plan(), @"kill two within 30 s: Container two failed liveness probe, will be restarted");
}

#[test]
fn sidecars_end_last_and_in_reverse() {
    let case = with_sidecars(&whole()).deleted_until(130);
    assert_snapshot!(case.plan(), @r"
    kill app within 30 s: the pod is deleted
    kill side within 30 s: the pod is deleted
    wake at 2027-01-15T08:02:10Z
    ");
    let case = case.but("app", exited(4, 0)).but("side", exited(4, 0));
    assert_snapshot!(case.plan(), @r"
    kill two within 30 s: the pod is deleted
    wake at 2027-01-15T08:02:10Z
    ");
    let case = case.but("two", exited(3, 0));
    assert_snapshot!(case.plan(), @"kill one within 30 s: the pod is deleted");
}

#[test]
fn sidecars_wait_no_longer_than_the_grace() {
    assert_snapshot!(with_sidecars(&whole()).deleted_until(100).plan(), @r"
    kill app within 2 s: the pod is deleted
    kill side within 2 s: the pod is deleted
    kill two within 2 s: the pod is deleted
    kill one within 2 s: the pod is deleted
    ");
}

#[test]
fn the_hooks_of_sidecars_run_before_their_turn() {
    let hook = json!({"lifecycle": {"preStop": {"exec": {"command": ["x"]}}}});
    let case = with_sidecars(&whole()).declares("one", &hook).deleted_until(130);
    assert_snapshot!(case.plan(), @r"
    preStop one within 30 s: the pod is deleted
    kill app within 30 s: the pod is deleted
    kill side within 30 s: the pod is deleted
    wake at 2027-01-15T08:02:10Z
    ");
    let over = case.errand("one", Errand::PreStopped { until: at(130) });
    let over = ["app", "side"].iter().fold(over, |case, name| case.errand(name, Errand::Stop { until: at(130) }));
    assert_snapshot!(over.plan(), @"wake at 2027-01-15T08:02:10Z");
}

#[test]
fn sidecars_end_when_the_app_containers_have() {
    let case = with_sidecars(&whole()).policy("OnFailure").but("app", exited(4, 0));
    assert!(case.plan().is_idle(), "side runs");
    let case = case.but("side", exited(4, 0));
    assert_snapshot!(case.plan(), @r"
    kill two within 30 s: the app containers have ended
    wake at 2027-01-15T08:02:10Z
    ");
    let case = case.but("two", exited(3, 137));
    assert_snapshot!(case.plan(), @"kill one within 30 s: the app containers have ended");
    assert!(case.but("one", exited(3, 137)).plan().is_idle(), "nothing is started again");
    let failed = with_sidecars(&whole()).policy("OnFailure").but("app", exited(4, 1)).but("side", exited(4, 0));
    assert_snapshot!(failed.plan(), @"start app, attempt 1: it ended with code 1");
}

#[test]
fn sidecars_come_back_in_a_new_sandbox_before_the_others() {
    let case = with_sidecars(&whole());
    let mut case = ["one", "two", "app", "side"].iter().fold(case, |case, name| case.but(name, exited(50, 137)));
    case.engine[0] = container("", 0, 60, running(60));
    assert_snapshot!(case.plan(), @"start init one, attempt 1: its sandbox is new");
}
