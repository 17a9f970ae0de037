//! One good pod, one mutation, the expected status.

use insta::assert_snapshot;
use k8s_openapi::api::core::v1::{Pod, PodCondition, Probe};
use serde_json::json;

use super::super::backoff::Memory;
use super::super::errand::{Errand, Errands};
use super::super::fixture::{at, container, exited, good, observed, pod, pod_with_inits, running};
use super::super::plan::{Healths, compute_pod_actions, resize_key};
use super::super::probes::Health;
use super::super::runtime::{Container, State};
use super::super::termination::Messages;
use super::*;
use crate::api::conditions;

fn status(pod: &Pod, engine: &[Container], health: &Healths, memory: &Memory) -> PodStatus {
    let errands = Errands::new();
    told(pod, engine, health, memory, &errands)
}

fn told(pod: &Pod, engine: &[Container], health: &Healths, memory: &Memory, errands: &Errands) -> PodStatus {
    let (observed, messages) =
        (&observed(engine), &Messages::from([("id-wharf.shop.web.app".to_owned(), "bye".to_owned())]));
    let round = Round { pod, observed, health, errands, messages, memory, hold: None, now: at(100) };
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
    let (pod, observed, health, memory) = (&pod, &observed, &health, &memory);
    let (errands, messages) = (&Errands::new(), &Messages::new());
    let round = Round { pod, observed, health, errands, messages, memory, hold: None, now: at(200) };
    let again = pod_status(round, &compute_pod_actions(round), "10.201.0.1".parse().unwrap());
    assert!(same(pod, &again));
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

/// The pod, changed in one place.
fn changed(pod: Pod, change: impl Fn(&mut Pod)) -> Pod {
    let mut pod = pod;
    change(&mut pod);
    pod
}

fn sidecar_pod() -> Pod {
    changed(pod_with_inits(), |pod| {
        let inits = pod.spec.as_mut().unwrap().init_containers.as_mut().unwrap();
        inits.truncate(1);
        inits[0].restart_policy = Some("Always".to_owned());
    })
}

#[test]
fn a_sidecar_counts_for_readiness_and_not_for_the_phase() {
    let mut engine = good();
    engine.push(container("one", 0, 1, running(1)));
    assert_eq!(plain(&sidecar_pod(), &engine).phase.as_deref(), Some("Running"));
    let unready = Healths::from([("one".to_owned(), Health { started: true, ready: false, failed: None })]);
    let unready = status(&sidecar_pod(), &engine, &unready, &Memory::default());
    let ready = unready.conditions.unwrap().into_iter().find(|c| c.type_ == "ContainersReady").unwrap();
    assert_eq!(ready.message.as_deref(), Some("containers with unready status: [one]"));
    let done = changed(sidecar_pod(), |pod| pod.spec.as_mut().unwrap().restart_policy = Some("Never".to_owned()));
    let phase = |sidecar: State| {
        let ended = ["app", "side"].map(|name| container(name, 0, 1, exited(1, 0)));
        let engine: Vec<_> =
            good()[..1].iter().cloned().chain(ended).chain([container("one", 0, 1, sidecar)]).collect();
        plain(&done, &engine).phase.unwrap()
    };
    assert_eq!([phase(running(1)), phase(exited(1, 137))], ["Running", "Succeeded"]);
    let begins = [container("", 0, 0, running(0)), container("one", 0, 1, running(1))];
    assert_eq!(plain(&sidecar_pod(), &begins).phase.as_deref(), Some("Pending"));
}

#[test]
fn a_container_does_not_run_before_its_hook_is_over() {
    let told = |errand| {
        let errands = Errands::from([("id-wharf.shop.web.app".to_owned(), errand)]);
        let status = told(&pod(), &good(), &Healths::new(), &Memory::default(), &errands);
        let app = &status.container_statuses.as_ref().unwrap()[0];
        let waiting = app.state.clone().and_then(|s| s.waiting).map(|w| format!("{:?} {:?}", w.reason, w.message));
        (status.phase.clone().unwrap(), app.ready, waiting)
    };
    let creating = Some("Some(\"ContainerCreating\") None".to_owned());
    assert_eq!(told(Errand::PostStart), ("Pending".to_owned(), false, creating));
    let failed = Some("Some(\"PostStartHookError\") Some(\"no\")".to_owned());
    assert_eq!(told(Errand::PostStartFailed("no".to_owned())), ("Running".to_owned(), false, failed));
}

#[test]
fn how_a_container_ended() {
    let end = |code, oom, started: Option<i64>, error: &str| {
        let error = error.to_owned();
        let state = State::Exited { started: started.map(at), finished: at(9), code, oom, error };
        let pod = changed(pod(), |pod| pod.spec.as_mut().unwrap().restart_policy = Some("Never".to_owned()));
        let status = plain(&pod, &[container("", 0, 0, running(0)), container("app", 0, 1, state)]);
        let end = status.container_statuses.unwrap()[0].state.clone().unwrap().terminated.unwrap();
        format!("{} {} {}", end.exit_code, end.reason.unwrap(), end.message.unwrap())
    };
    assert_eq!(end(0, false, Some(1), ""), "0 Completed bye");
    assert_eq!(end(3, false, Some(1), ""), "3 Error bye");
    assert_eq!(end(137, true, Some(1), ""), "137 OOMKilled bye");
    assert_eq!(end(128, false, None, "no such file"), "128 StartError bye");
}

#[test]
fn readiness_gates_are_conditions_that_others_set() {
    let gated = changed(pod(), |pod| {
        let gates = json!([{"conditionType": "example.com/checked"}]);
        pod.spec.as_mut().unwrap().readiness_gates = serde_json::from_value(gates).unwrap();
    });
    let ready = |pod: &Pod| {
        let all = plain(pod, &good()).conditions.unwrap();
        let ready = all.iter().find(|c| c.type_ == "Ready").unwrap();
        format!("{} {}", ready.status, ready.message.as_deref().unwrap_or_default())
    };
    let missing = "False corresponding condition of pod readiness gate \"example.com/checked\" does not exist.";
    assert_eq!(ready(&gated), missing);
    let told = |status: &str| {
        changed(gated.clone(), |pod| {
            let conditions = json!({"conditions": [{"type": "example.com/checked", "status": status}]});
            pod.status = serde_json::from_value(conditions).unwrap();
        })
    };
    let refused = "False the status of pod readiness gate \"example.com/checked\" is not \"True\", but False";
    assert_eq!(ready(&told("False")), refused);
    assert_eq!(ready(&told("True")), "True ");
}

#[test]
fn an_overdue_pod_fails_once_nothing_runs() {
    let overdue = changed(pod(), |pod| {
        pod.spec.as_mut().unwrap().active_deadline_seconds = Some(10);
        pod.status = serde_json::from_value(json!({"startTime": at(0).to_string()})).unwrap();
    });
    let told = |engine: &[Container]| {
        let status = plain(&overdue, engine);
        format!("{} {} {}", status.phase.unwrap(), status.reason.unwrap(), status.message.unwrap())
    };
    let why = "DeadlineExceeded Pod was active on the node longer than the specified deadline";
    assert_eq!(told(&good()), format!("Running {why}"));
    let ended = ["app", "side"].map(|name| container(name, 0, 1, exited(1, 0)));
    assert_eq!(told(&[&good()[..1], &ended[..]].concat()), format!("Failed {why}"));
    assert_eq!(told(&[]), format!("Failed {why}"));
}

#[test]
fn resources_are_what_the_container_has() {
    let sized = changed(pod(), |pod| {
        let size = json!({"requests": {"cpu": "250m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}});
        pod.spec.as_mut().unwrap().containers[0].resources = serde_json::from_value(size).unwrap();
        pod.metadata.generation = Some(3);
    });
    let told = |memory, failure: Option<&str>| {
        let mut engine = good();
        engine[1].limits =
            super::super::limits::Limits { cpu_shares: Some(256), nano_cpus: None, memory: Some(memory) };
        let mut notes = Memory::default();
        let key = resize_key("app");
        if let Some(why) = failure {
            notes.failed(&key, "ResizeError", why.to_owned(), at(99));
        }
        let status = status(&sized, &engine, &Healths::new(), &notes);
        assert_eq!(status.observed_generation, Some(3));
        let resizes = status.conditions.unwrap().iter().find(|c| c.type_ == "PodResizeInProgress").cloned();
        let app = status.container_statuses.unwrap().remove(0);
        let resizes = resizes.map(|c| format!("{} {:?} {:?}", c.status, c.reason, c.message));
        let has = serde_json::to_string(&(app.allocated_resources, app.resources)).unwrap();
        format!("{has} {}", resizes.unwrap_or_default()).trim_end().to_owned()
    };
    assert_snapshot!(told(64 << 20, None), @r#"[{"cpu":"250m","memory":"32Mi"},{"limits":{"memory":"64Mi"},"requests":{"cpu":"250m","memory":"32Mi"}}]"#);
    assert_snapshot!(told(32 << 20, Some("busy")), @r#"[{"cpu":"250m","memory":"32Mi"},{"limits":{"memory":"33554432"},"requests":{"cpu":"250m","memory":"32Mi"}}] True Some("Error") Some("busy")"#);
}
