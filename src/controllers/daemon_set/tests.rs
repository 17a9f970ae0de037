//! DaemonSets on a model of a node: the texts of plans, and the promises that hold at every round.

use insta::assert_snapshot;
use k8s_openapi::api::apps::v1::{ControllerRevision, DaemonSet, DaemonSetSpec};
use k8s_openapi::api::core::v1::{Node, Pod};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::plan;
use crate::api::{Action, Key, Kind, Object, Plan, Timestamp};
use crate::controllers::model::Model;
use crate::controllers::pod;

fn model(strategy: &Value) -> Model {
    let mut model = Model::default();
    model.put::<Node>(json!({"metadata": {"name": "wharf", "labels": {"kubernetes.io/os": "linux"}}}));
    model.put::<DaemonSet>(json!({
        "metadata": {"name": "logs", "namespace": "shop", "uid": "d1", "generation": 1},
        "spec": {
            "selector": {"matchLabels": {"app": "logs"}},
            "updateStrategy": strategy,
            "template": {"metadata": {"labels": {"app": "logs"}}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}},
        },
    }));
    model
}

fn rolling(surge: i32) -> Value {
    json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": 1 - surge}})
}

fn key() -> Key {
    Key::new(Kind::of::<DaemonSet>(), "shop", "logs")
}

fn edit(model: &mut Model, edit: impl FnOnce(&mut DaemonSetSpec)) {
    model.change::<DaemonSet>(&key(), |s| {
        s.metadata.generation = s.metadata.generation.map(|g| g + 1);
        edit(s.spec.as_mut().unwrap());
    });
}

fn set_image(model: &mut Model, n: u8) {
    edit(model, |s| s.template.spec.as_mut().unwrap().containers[0].image = Some(format!("i:{n}")));
}

fn round(model: &mut Model) -> Plan {
    // Time goes on: it is in the names.
    model.now = Timestamp::from_second(model.now.as_second() + 7).unwrap();
    model.round::<DaemonSet>(plan)
}

fn settle(model: &mut Model) {
    model.settle_by(|m| drop(m.round::<DaemonSet>(plan)));
}

fn text(plan: &Plan) -> String {
    let text = plan.to_string();
    let lines = text.lines().filter(|l| !l.starts_with("status") && !l.contains("ControllerRevision"));
    let bare = |word: &str| {
        let end = word.find("logs-").map(|at| at + 5);
        end.map_or_else(
            || word.to_owned(),
            |end| format!("{}POD{}", &word[..end], if word.ends_with(':') { ":" } else { "" }),
        )
    };
    lines.map(|l| l.split(' ').map(bare).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join("\n")
}

/// The images of the pods, oldest first; `!` is one that is not ready, `-` one on its way out.
fn pods(model: &Model) -> String {
    let mut all: Vec<&Pod> = model.view.all().collect();
    all.sort_by_key(|p| p.metadata.creation_timestamp.as_ref().map(|t| t.0));
    let one = |p: &&Pod| {
        let state = if p.is_deleting() {
            "-"
        } else if pod::is_ready(p) {
            ""
        } else {
            "!"
        };
        format!("{}{state}", p.spec.as_ref().unwrap().containers[0].image.clone().unwrap())
    };
    all.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_node_gets_one_pod_that_is_for_it_alone() {
    let mut model = model(&rolling(0));
    assert_snapshot!(text(&round(&mut model)), @r"
    create Pod shop/logs-POD: the node has none
    event DaemonSet shop/logs SuccessfulCreate: Created pod: logs-POD
    ");
    let pod = model.view.all::<Pod>().next().unwrap().to_value();
    let affinity = &pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
    let named = json!([{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["wharf"]}]}]);
    assert_eq!(affinity["nodeSelectorTerms"], named);
    let keys: Vec<&str> =
        pod["spec"]["tolerations"].as_array().unwrap().iter().map(|t| t["key"].as_str().unwrap()).collect();
    let bare: Vec<&str> = keys.iter().map(|k| k.trim_start_matches("node.kubernetes.io/")).collect();
    assert_eq!(bare, ["not-ready", "unreachable", "disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"]);
    settle(&mut model);
    let status = model.view.value(&key()).unwrap()["status"].clone();
    let wanted = json!({
        "desiredNumberScheduled": 1, "currentNumberScheduled": 1, "numberMisscheduled": 0, "numberReady": 1,
        "numberAvailable": 1, "updatedNumberScheduled": 1, "observedGeneration": 1,
    });
    assert_eq!(status, wanted);
}

#[test]
fn a_node_that_does_not_suit_has_no_pod() {
    let mut model = model(&rolling(0));
    settle(&mut model);
    edit(&mut model, |s| {
        let spec = s.template.spec.as_mut().unwrap();
        spec.node_selector = Some([("disk".to_owned(), "tape".to_owned())].into());
    });
    assert_snapshot!(text(&round(&mut model)), @r"
    delete Pod shop/logs-POD: the node does not suit it
    event DaemonSet shop/logs SuccessfulDelete: Deleted pod: logs-POD
    ");
    settle(&mut model);
    assert_eq!(model.view.value(&key()).unwrap()["status"]["desiredNumberScheduled"], 0);
    model.change::<Node>(&Key::new(Kind::of::<Node>(), "", "wharf"), |n| {
        n.metadata.labels.as_mut().unwrap().insert("disk".to_owned(), "tape".to_owned());
        n.spec.get_or_insert_default().unschedulable = Some(true);
    });
    settle(&mut model);
    assert_eq!(pods(&model), "i:1", "it tolerates a node that is cordoned");
}

#[test]
fn the_old_pod_goes_before_the_new_one_comes() {
    let mut model = model(&rolling(0));
    settle(&mut model);
    set_image(&mut model, 2);
    round(&mut model);
    round(&mut model);
    assert_eq!(pods(&model), "i:1-", "it waits for the end of the old one");
    settle(&mut model);
    assert_eq!(pods(&model), "i:2");
}

#[test]
fn with_a_surge_the_new_pod_is_available_before_the_old_one_goes() {
    let mut model = model(&rolling(1));
    settle(&mut model);
    set_image(&mut model, 2);
    round(&mut model);
    round(&mut model);
    assert_eq!(pods(&model), "i:1 i:2!");
    let new =
        model.active().into_iter().find(|k| !pod::is_ready(model.view.get::<Pod>("shop", &k.name).unwrap())).unwrap();
    model.set_ready(&new, true);
    round(&mut model);
    assert_eq!(pods(&model), "i:1- i:2");
    settle(&mut model);
    assert_eq!(pods(&model), "i:2");
}

#[test]
fn on_delete_the_pod_stays_until_somebody_deletes_it() {
    let mut model = model(&json!({"type": "OnDelete"}));
    settle(&mut model);
    set_image(&mut model, 2);
    settle(&mut model);
    assert_eq!(pods(&model), "i:1");
    let pod = model.active().remove(0);
    model.kill(&pod);
    settle(&mut model);
    assert_eq!(pods(&model), "i:2");
}

#[test]
fn a_pod_that_failed_is_replaced_after_a_pause() {
    let mut model = model(&rolling(0));
    settle(&mut model);
    let pod = model.active().remove(0);
    model.fail(&pod);
    let waits = model.round::<DaemonSet>(plan);
    assert_eq!(waits.wake, Timestamp::from_second(model.now.as_second() + 5).ok());
    assert_snapshot!(text(&round(&mut model)), @r"
    warn DaemonSet shop/logs FailedDaemonPod: Found failed daemon pod shop/logs-POD on node wharf, will try to kill it
    delete Pod shop/logs-POD: it has ended
    event DaemonSet shop/logs SuccessfulDelete: Deleted pod: logs-POD
    ");
    settle(&mut model);
    assert_eq!(pods(&model), "i:1");
}

#[test]
fn the_history_is_kept_up_to_its_limit() {
    let mut model = model(&rolling(0));
    edit(&mut model, |s| s.revision_history_limit = Some(1));
    for n in 1..5 {
        set_image(&mut model, n);
        settle(&mut model);
    }
    let mut numbers: Vec<i64> = model.view.all::<ControllerRevision>().map(|r| r.revision).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [3, 4]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_available_pod_goes_only_for_another_one(
        surge in 0..2_i32,
        events in prop::collection::vec((0..8_u8, 1..4_u8), 1..60),
    ) {
        let mut model = model(&rolling(surge));
        settle(&mut model);
        for (what, n) in events {
            let one = model.active().get(usize::from(n) - 1).cloned();
            match (what, one) {
                (0..4, _) => {
                    let before = model.clone();
                    let decided = round(&mut model);
                    let ready = |p: &&Pod| pod::is_active(p) && pod::is_ready(p);
                    let gone = |p: &Pod| decided.steps.iter().any(|s| matches!(&s.action, Action::Delete { key, .. } if *key == p.key()));
                    let (well, lost) = (before.view.all::<Pod>().filter(ready).count(), before.view.all::<Pod>().filter(ready).filter(|p| gone(p)).count());
                    prop_assert!(surge == 0 || lost == 0 || lost < well, "the only ready pod is deleted:\n{decided}");
                }
                (4, _) => model.reap(),
                (5, Some(key)) => model.set_ready(&key, n != 3),
                (6, Some(key)) if n == 1 => model.fail(&key),
                (6, Some(key)) if n == 2 => model.kill(&key),
                (7, _) => set_image(&mut model, n),
                _ => {}
            }
            prop_assert!(model.active().len() <= usize::try_from(1 + surge).unwrap(), "{}", pods(&model));
        }
        model.now = Timestamp::from_second(model.now.as_second() + 60).unwrap();
        settle(&mut model);
        prop_assert_eq!(model.active().len(), 1);
        let status = model.view.value(&key()).unwrap()["status"].clone();
        prop_assert_eq!((&status["numberAvailable"], &status["updatedNumberScheduled"]), (&json!(1), &json!(1)));
    }
}
