//! One good pod, one mutation, the expected status.

use insta::assert_snapshot;
use k8s_openapi::api::core::v1::{Pod, Probe};
use serde_json::json;

use super::super::backoff::Memory;
use super::super::fixture::{at, container, exited, good, observed, pod, pod_with_inits, running};
use super::super::plan::{Healths, compute_pod_actions};
use super::super::probes::Health;
use super::super::runtime::Container;
use super::*;

fn status(pod: &Pod, engine: &[Container], health: &Healths, memory: &Memory) -> PodStatus {
    let observed = observed(engine);
    let round = Round { pod, observed: &observed, health, memory, hold: None, now: at(100) };
    pod_status(round, &compute_pod_actions(round), "10.201.0.1".parse().unwrap())
}

fn plain(pod: &Pod, engine: &[Container]) -> PodStatus {
    status(pod, engine, &Healths::new(), &Memory::default())
}

/// Phase, address, conditions, and one line for each container.
fn text(status: &PodStatus) -> String {
    let condition = |c: &PodCondition| {
        let because = [c.reason.as_deref(), c.message.as_deref()];
        format!("{}={} {}", c.type_, c.status, because.into_iter().flatten().collect::<Vec<_>>().join(": "))
    };
    let container = |c: &ContainerStatus| {
        let state = |s: &Option<_>| serde_json::to_string(s).unwrap();
        let (state, last) = (state(&c.state), state(&c.last_state));
        format!("{} ready={} started={:?} restarts={} {state} {last}", c.name, c.ready, c.started, c.restart_count)
    };
    let head = format!("{} {}", status.phase.as_deref().unwrap(), status.pod_ip.as_deref().unwrap_or("-"));
    let conditions = status.conditions.iter().flatten().map(condition);
    let containers = status.init_container_statuses.iter().chain(&status.container_statuses).flatten().map(container);
    let lines: Vec<_> = std::iter::once(head).chain(conditions).chain(containers).collect();
    lines.iter().map(|l| l.trim_end()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_good_pod_is_ready() {
    assert_snapshot!(text(&plain(&pod(), &good())), @r#"
    Running 10.201.1.7
    PodScheduled=True
    PodReadyToStartContainers=True
    Initialized=True
    ContainersReady=True
    Ready=True
    app ready=true started=Some(true) restarts=0 {"running":{"startedAt":"2027-01-15T08:00:01Z"}} null
    side ready=true started=Some(true) restarts=0 {"running":{"startedAt":"2027-01-15T08:00:01Z"}} null
    "#);
}

#[test]
fn a_status_that_says_so_already_stays_as_it_is() {
    let mut pod = pod();
    pod.status = Some(plain(&pod, &good()));
    // As the API returns it: with whole seconds.
    let pod: Pod = serde_json::from_value(serde_json::to_value(&pod).unwrap()).unwrap();
    let observed = observed(&good());
    let (health, memory) = (Healths::new(), Memory::default());
    let round = Round { pod: &pod, observed: &observed, health: &health, memory: &memory, hold: None, now: at(200) };
    let again = pod_status(round, &compute_pod_actions(round), "10.201.0.1".parse().unwrap());
    assert!(same(&pod, &again));
}

#[test]
fn a_pod_that_begins_waits_for_its_init_containers() {
    let engine = [container("", 0, 0, running(0)), container("one", 0, 1, running(1))];
    assert_snapshot!(text(&plain(&pod_with_inits(), &engine)), @r#"
    Pending 10.201.1.7
    PodScheduled=True
    PodReadyToStartContainers=True
    Initialized=False ContainersNotInitialized: containers with incomplete status: [one two]
    ContainersReady=False ContainersNotReady: containers with unready status: [app side]
    Ready=False ContainersNotReady: containers with unready status: [app side]
    one ready=false started=Some(true) restarts=0 {"running":{"startedAt":"2027-01-15T08:00:01Z"}} null
    two ready=false started=Some(false) restarts=0 {"waiting":{"reason":"PodInitializing"}} null
    app ready=false started=Some(false) restarts=0 {"waiting":{"reason":"PodInitializing"}} null
    side ready=false started=Some(false) restarts=0 {"waiting":{"reason":"PodInitializing"}} null
    "#);
}

#[test]
fn a_crash_loop_shows_its_last_end() {
    let mut engine = good();
    engine[1] = container("app", 3, 1, exited(95, 1));
    let mut memory = Memory::default();
    memory.restarted("app", at(80));
    let status = status(&pod(), &engine, &Healths::new(), &memory);
    assert_eq!(status.phase.as_deref(), Some("Running"));
    let app = &status.container_statuses.unwrap()[0];
    assert_eq!(app.restart_count, 3);
    assert_eq!(app.state.as_ref().unwrap().waiting.as_ref().unwrap().reason.as_deref(), Some("CrashLoopBackOff"));
    let last = app.last_state.as_ref().unwrap().terminated.as_ref().unwrap();
    assert_eq!((last.exit_code, last.reason.as_deref()), (1, Some("Error")));
}

#[test]
fn readiness_is_what_the_probes_say() {
    let mut pod = pod();
    pod.spec.as_mut().unwrap().containers[0].readiness_probe = Some(Probe::default());
    let ready = |status: &PodStatus| conditions::is_true(status.conditions.as_ref(), "Ready");
    assert!(!ready(&plain(&pod, &good())), "before the first result");
    let health = |started, ready| Healths::from([("app".to_owned(), Health { started, ready, failed: None })]);
    assert!(ready(&status(&pod, &good(), &health(true, true), &Memory::default())));
    assert!(!ready(&status(&pod, &good(), &health(true, false), &Memory::default())));
    assert!(!ready(&status(&pod, &good(), &health(false, true), &Memory::default())), "not started yet");
}

#[test]
fn phases() {
    let mut cases = Vec::new();
    for (policy, app, side) in [
        ("Always", exited(1, 0), exited(1, 0)),
        ("OnFailure", exited(1, 0), running(1)),
        ("OnFailure", exited(1, 0), exited(1, 1)),
        ("OnFailure", exited(1, 0), exited(1, 0)),
        ("Never", exited(1, 0), exited(1, 0)),
        ("Never", exited(1, 0), exited(1, 1)),
        ("Never", exited(1, 1), running(1)),
    ] {
        let mut pod = pod();
        pod.spec.as_mut().unwrap().restart_policy = Some(policy.to_owned());
        let engine = [container("", 0, 0, running(0)), container("app", 0, 1, app), container("side", 0, 1, side)];
        cases.push(plain(&pod, &engine).phase.unwrap());
    }
    assert_eq!(cases, ["Running", "Running", "Running", "Succeeded", "Succeeded", "Failed", "Running"]);
    let mut failed = pod_with_inits();
    failed.spec.as_mut().unwrap().restart_policy = Some("Never".to_owned());
    let engine = [container("", 0, 0, running(0)), container("one", 0, 1, exited(1, 1))];
    assert_eq!(plain(&failed, &engine).phase.as_deref(), Some("Failed"));
    assert_eq!(plain(&pod(), &[]).phase.as_deref(), Some("Pending"));
}

#[test]
fn an_ended_pod_keeps_its_phase_and_address() {
    let mut pod = pod();
    pod.status = serde_json::from_value(json!({"phase": "Succeeded", "podIP": "10.201.1.7"})).unwrap();
    let status = plain(&pod, &[]);
    assert_eq!((status.phase.as_deref(), status.pod_ip.as_deref()), (Some("Succeeded"), Some("10.201.1.7")));
    assert!(!conditions::is_true(status.conditions.as_ref(), "Ready"));
}
