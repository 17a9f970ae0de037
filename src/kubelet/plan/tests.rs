//! One good pod, one mutation, the expected actions.

mod ends;
mod life;
mod sidecars;

use insta::assert_snapshot;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::json;

use super::super::fixture::{at, container, exited, good, merge, observed, pod, pod_with_inits, running};
use super::*;

/// A case at second 100: the good pod, the good engine, nothing remembered.
struct Case {
    pod: Pod,
    engine: Vec<Container>,
    health: Healths,
    errands: Errands,
    memory: Memory,
}

impl Case {
    fn good() -> Self {
        Self { pod: pod(), engine: good(), health: Healths::new(), errands: Errands::new(), memory: Memory::default() }
    }

    fn with_inits(engine: &[Container]) -> Self {
        Self { pod: pod_with_inits(), engine: engine.to_vec(), ..Self::good() }
    }

    fn policy(mut self, policy: &str) -> Self {
        self.pod.spec.as_mut().unwrap().restart_policy = Some(policy.to_owned());
        self
    }

    /// The container of that role is in that state instead.
    fn but(mut self, role: &str, state: State) -> Self {
        let name = if role.is_empty() { "POD" } else { role };
        self.engine.iter_mut().find(|c| c.role() == name).unwrap().state = state;
        self
    }

    fn without(mut self, role: &str) -> Self {
        let name = if role.is_empty() { "POD" } else { role };
        self.engine.retain(|c| c.role() != name);
        self
    }

    fn told(mut self, status: serde_json::Value) -> Self {
        self.pod.status = Some(serde_json::from_value(status).unwrap());
        self
    }

    fn deleted_until(mut self, second: i64) -> Self {
        self.pod.metadata.deletion_timestamp = Some(Time(at(second)));
        self
    }

    /// Declares more of a container, or of an init container.
    fn declares(mut self, name: &str, more: &serde_json::Value) -> Self {
        let spec = self.pod.spec.as_mut().unwrap();
        let mut all = spec.init_containers.iter_mut().flatten().chain(&mut spec.containers);
        let container = all.find(|c| c.name == name).unwrap();
        let mut value = serde_json::to_value(&*container).unwrap();
        merge(&mut value, more.clone());
        *container = serde_json::from_value(value).unwrap();
        self
    }

    /// Sets more of the pod's spec.
    fn spec(mut self, more: &serde_json::Value) -> Self {
        let mut value = serde_json::to_value(self.pod.spec.take()).unwrap();
        merge(&mut value, more.clone());
        self.pod.spec = serde_json::from_value(value).unwrap();
        self
    }

    /// That is under way in the newest container of that role.
    fn errand(mut self, role: &str, errand: Errand) -> Self {
        let container = self.engine.iter().rfind(|c| c.role() == role).unwrap();
        self.errands.insert(container.id.clone(), errand);
        self
    }

    fn plan(&self) -> PodActions {
        self.plan_held(None)
    }

    fn plan_held(&self, hold: Option<Timestamp>) -> PodActions {
        let Self { pod, engine, health, errands, memory } = self;
        let (observed, messages, now) = (&observed(engine), &Messages::new(), at(100));
        compute_pod_actions(Round { pod, observed, health, errands, messages, memory, hold, now })
    }
}

#[test]
fn what_runs_and_is_right_is_left_alone() {
    assert_eq!(Case::good().plan(), PodActions::default());
}

#[test]
fn a_new_pod_gets_a_sandbox_and_then_its_containers() {
    let mut case = Case { engine: vec![], ..Case::good() };
    assert_snapshot!(case.plan(), @"create sandbox: the pod has none");
    case.engine = vec![container("", 0, 0, running(0))];
    assert_snapshot!(case.plan(), @r"
    start app, attempt 0: it is not there
    start side, attempt 0: it is not there
    ");
}

#[test]
fn init_containers_run_one_after_another_to_success() {
    let sandbox = || container("", 0, 0, running(0));
    let one = |state| container("one", 0, 1, state);
    let two = |state| container("two", 0, 3, state);
    assert_snapshot!(Case::with_inits(&[sandbox()]).plan(), @"start init one, attempt 0: it is its turn");
    assert!(Case::with_inits(&[sandbox(), one(running(1))]).plan().is_idle());
    let failed = Case::with_inits(&[sandbox(), one(exited(1, 3))]);
    assert_snapshot!(failed.plan(), @"start init one, attempt 1: it ended with code 3");
    assert!(failed.policy("Never").plan().is_idle());
    let next = Case::with_inits(&[sandbox(), one(exited(1, 0))]);
    assert_snapshot!(next.plan(), @"start init two, attempt 0: it is its turn");
    let done = Case::with_inits(&[sandbox(), one(exited(1, 0)), two(exited(3, 0))]);
    assert_snapshot!(done.plan(), @r"
    start app, attempt 0: it is not there
    start side, attempt 0: it is not there
    ");
}

#[test]
fn init_containers_that_were_cleaned_away_do_not_run_again_beside_their_app() {
    let case = Case { pod: pod_with_inits(), ..Case::good() };
    assert!(case.plan().is_idle());
}

#[test]
fn what_ends_starts_again_as_the_policy_says() {
    let ended = |code| Case::good().but("app", exited(50, code));
    assert_snapshot!(ended(0).plan(), @"start app, attempt 1: it ended with code 0");
    assert_snapshot!(ended(1).policy("OnFailure").plan(), @"start app, attempt 1: it ended with code 1");
    assert!(ended(0).policy("OnFailure").plan().is_idle());
    assert!(ended(1).policy("Never").plan().is_idle());
}

#[test]
fn a_container_that_crashes_again_waits() {
    let mut case = Case::good().but("app", exited(95, 1));
    case.memory.restarted("app", at(80));
    assert_snapshot!(case.plan(), @r"
    app waits: CrashLoopBackOff back-off 10s restarting failed container=app pod=web_shop(u1)
    wake at 2027-01-15T08:01:46Z
    ");
    assert_snapshot!(case.but("app", exited(85, 1)).plan(), @"start app, attempt 1: it ended with code 1");
}

#[test]
fn what_could_not_start_waits_and_the_rest_goes_on() {
    let mut case = Case::good().without("app").without("side");
    case.memory.failed("app", "ErrImagePull", "no such image".to_owned(), at(99));
    assert_snapshot!(case.plan(), @r"
    start side, attempt 0: it is not there
    app waits: ErrImagePull no such image
    wake at 2027-01-15T08:01:49Z
    ");
    case.memory.failed("app", "ErrImagePull", "no such image".to_owned(), at(99));
    assert_eq!(case.plan().waiting["app"].reason, "ImagePullBackOff");
    case.memory.failed("", "FailedMount", "configmap \"x\" not found".to_owned(), at(95));
    assert_snapshot!(case.plan(), @r#"
    app waits: FailedMount configmap "x" not found
    side waits: FailedMount configmap "x" not found
    wake at 2027-01-15T08:01:45Z
    "#);
}

#[test]
fn a_container_removed_by_hand_comes_back_as_the_next_attempt() {
    let status = json!({"containerStatuses": [
        {"name": "app", "image": "", "imageID": "", "ready": true, "restartCount": 2, "containerID": "docker://x"},
    ]});
    assert_snapshot!(Case::good().without("app").told(status).plan(), @"start app, attempt 3: it is not there");
}

#[test]
fn a_finished_container_removed_by_hand_does_not_run_twice() {
    let status = json!({"containerStatuses": [
        {"name": "app", "image": "", "imageID": "", "ready": false, "restartCount": 0, "containerID": "docker://x",
         "state": {"terminated": {"exitCode": 0}}},
    ]});
    assert!(Case::good().policy("OnFailure").without("app").told(status).plan().is_idle());
}

#[test]
fn a_dead_sandbox_takes_its_containers_along() {
    let dead = Case::good().but("", exited(0, 137));
    assert_snapshot!(dead.plan(), @r"
    kill app within 30 s: its sandbox is gone
    kill side within 30 s: its sandbox is gone
    ");
    let stopped = dead.but("app", exited(1, 143)).but("side", exited(1, 143));
    assert_snapshot!(stopped.plan(), @r"
    remove wharf.shop.web: it does not run as it should
    create sandbox: its sandbox is gone
    ");
    let mut renewed = stopped.without("");
    renewed.engine.push(container("", 0, 60, running(60)));
    assert_snapshot!(renewed.plan(), @r"
    start app, attempt 1: its sandbox is new
    start side, attempt 1: its sandbox is new
    ");
}

#[test]
fn a_sandbox_removed_by_hand_is_replaced() {
    assert_snapshot!(Case::good().without("").plan(), @r"
    kill app within 30 s: its sandbox is gone
    kill side within 30 s: its sandbox is gone
    ");
}

#[test]
fn a_sandbox_that_was_restarted_has_left_its_containers_behind() {
    assert_snapshot!(Case::good().but("", running(70)).plan(), @r"
    kill app within 30 s: its sandbox is gone
    kill side within 30 s: its sandbox is gone
    ");
}

#[test]
fn a_pod_that_is_done_gets_no_new_sandbox() {
    let done = Case::good().policy("OnFailure").but("app", exited(1, 0)).but("side", exited(1, 0));
    assert!(done.without("").plan().is_idle());
}

#[test]
fn a_failed_probe_and_a_changed_image_restart_a_container() {
    let mut case = Case::good();
    let failed = Some("failed liveness probe".to_owned());
    case.health.insert("app".to_owned(), Health { started: true, ready: false, failed });
    case.pod.spec.as_mut().unwrap().containers[1].image = Some("busybox:2".to_owned());
    assert_snapshot!(case.plan(), @r"
    kill app within 30 s: Container app failed liveness probe, will be restarted
    kill side within 30 s: Container side definition changed, will be restarted
    ");
}

#[test]
fn only_the_logs_that_are_read_are_kept() {
    let mut case = Case::good().without("app");
    case.engine.push(container("app", 2, 40, running(40)));
    case.engine.push(container("app", 1, 30, exited(30, 1)));
    case.engine.push(container("app", 0, 20, exited(20, 1)));
    case.engine.push(container("app", 3, 99, State::Created));
    assert_snapshot!(case.plan(), @r"
    remove wharf.shop.web.app.3: it never ran
    remove wharf.shop.web.app: a later one has ended too
    ");
}

#[test]
fn a_deleted_pod_ends_within_what_is_left_of_its_grace_and_goes() {
    let deleted = Case::good().deleted_until(112);
    assert_snapshot!(deleted.plan(), @r"
    kill app within 12 s: the pod is deleted
    kill side within 12 s: the pod is deleted
    ");
    let stopped = deleted.but("app", exited(1, 143)).but("side", exited(1, 143));
    assert_snapshot!(stopped.plan(), @r"
    remove wharf.shop.web.app: the pod is deleted
    remove wharf.shop.web.side: the pod is deleted
    remove wharf.shop.web: the pod is deleted
    ");
    let gone = Case { engine: vec![], ..stopped };
    assert_snapshot!(gone.plan(), @"finish: nothing runs any more");
    assert_eq!(Case::good().deleted_until(90).plan().kill[0].grace, 2, "never without being asked");
}

#[test]
fn a_pod_that_has_ended_keeps_its_containers_and_stops_its_sandbox() {
    let ended = Case::good().told(json!({"phase": "Failed"}));
    let ended = ended.but("app", exited(1, 1));
    assert_snapshot!(ended.plan(), @"kill side within 30 s: the pod has ended");
    let ended = ended.but("side", exited(1, 1));
    assert_snapshot!(ended.plan(), @"kill POD within 1 s: the pod has ended");
    assert!(ended.but("", exited(0, 0)).plan().is_idle());
}

#[test]
fn a_deleted_pod_runs_on_while_connections_are_led_to_it() {
    let case = Case::good().deleted_until(130);
    assert_snapshot!(case.plan_held(Some(at(103))), @"wake at 2027-01-15T08:01:43Z");
    assert_snapshot!(case.plan_held(Some(at(99))), @r"
    kill app within 30 s: the pod is deleted
    kill side within 30 s: the pod is deleted
    ");
    let ended = case.but("app", exited(50, 0)).but("side", exited(50, 0));
    assert!(ended.plan_held(Some(at(103))).wake.is_none(), "nothing runs that could be led to");
}
