//! What holds of a StatefulSet whatever happens to its pods between rounds.

use std::collections::BTreeSet;

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Pod;
use proptest::prelude::*;
use serde_json::json;

use super::super::wishes::Wishes;
use super::{edit, identity, model, pods, round, set_image, settle};
use crate::api::{Action, Key, Object, Plan, Timestamp};
use crate::controllers::model::Model;
use crate::controllers::pod;

/// What happens between two rounds.
#[derive(Clone, Debug)]
enum Event {
    Round,
    Reap,
    Ready(usize, bool),
    Fail(usize),
    Kill(usize),
    Image(u8),
    Scale(i32),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => Just(Event::Round),
        3 => Just(Event::Reap),
        5 => (0..20_usize).prop_map(|n| Event::Ready(n, true)),
        1 => (0..20_usize).prop_map(|n| Event::Ready(n, false)),
        1 => (0..20_usize).prop_map(Event::Fail),
        1 => (0..20_usize).prop_map(Event::Kill),
        1 => (1..4_u8).prop_map(Event::Image),
        1 => (0..6_i32).prop_map(Event::Scale),
    ]
}

fn happen(model: &mut Model, event: &Event) {
    let one = |model: &Model, n: usize| {
        let active = model.active();
        (!active.is_empty()).then(|| active[n % active.len()].clone())
    };
    match event {
        Event::Round => check(&model.clone(), &round(model)),
        Event::Reap => model.reap(),
        Event::Ready(n, ready) => one(model, *n).into_iter().for_each(|key| model.set_ready(&key, *ready)),
        Event::Fail(n) => one(model, *n).into_iter().for_each(|key| model.fail(&key)),
        Event::Kill(n) => one(model, *n).into_iter().for_each(|key| model.kill(&key)),
        Event::Image(n) => set_image(model, &format!("postgres:{n}")),
        Event::Scale(n) => edit(model, |s| s.replicas = Some(*n)),
    }
}

/// A round deletes no more healthy pods than may be unavailable, none that is asked for and up to date, and makes no
/// pod of an ordinal that has one.
fn check(before: &Model, plan: &Plan) {
    let set: &StatefulSet = before.view.get("shop", "db").unwrap();
    let wishes = Wishes::of(set).unwrap();
    let wanted = |name: &str| identity::ordinal_of(set, name).is_some_and(|o| wishes.ordinals.contains(&o));
    let healthy = |p: &Pod| pod::is_active(p) && pod::is_ready(p);
    let deleted: Vec<&Key> = plan
        .steps
        .iter()
        .filter_map(|s| if let Action::Delete { key, .. } = &s.action { Some(key) } else { None })
        .collect();
    let well = before.view.all::<Pod>().filter(|p| healthy(p) && wanted(p.name())).count();
    let lost =
        before.view.all::<Pod>().filter(|p| healthy(p) && wanted(p.name()) && deleted.contains(&&p.key())).count();
    let least = wishes.ordinals.len().saturating_sub(wishes.unavailable);
    assert!(lost == 0 || well - lost >= least, "{lost} of {well} healthy ones deleted, {least} must stay:\n{plan}");
    for step in &plan.steps {
        if let Action::Create(kind, object) = &step.action
            && kind.kind == "Pod"
        {
            let ordinal = object["metadata"]["labels"]["apps.kubernetes.io/pod-index"].as_str().unwrap();
            let taken = before.view.all::<Pod>().any(|p| p.name() == format!("db-{ordinal}"));
            assert!(!taken, "there is a pod of ordinal {ordinal}:\n{plan}");
        }
    }
}

/// In order there is no gap: a pod is made only when all below it are ready.
fn check_order(before: &Model, after: &Model) {
    let names = |m: &Model| m.view.all::<Pod>().map(|p| p.name().to_owned()).collect::<BTreeSet<_>>();
    let set: &StatefulSet = before.view.get("shop", "db").unwrap();
    for name in names(after).difference(&names(before)) {
        let ordinal = identity::ordinal_of(set, name).unwrap();
        for below in 0..ordinal {
            let ready = before.view.get::<Pod>("shop", &format!("db-{below}")).is_some_and(pod::is_ready);
            assert!(ready, "{name} is made while db-{below} is not ready");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_ordinal_has_two_pods_and_the_bounds_are_kept_whatever_happens(
        replicas in 0..5_i32,
        parallel in any::<bool>(),
        unavailable in prop_oneof![Just(json!(1)), Just(json!(2)), Just(json!("50%"))],
        partition in 0..3_i32,
        events in prop::collection::vec(event(), 1..60),
    ) {
        let policy = if parallel { "Parallel" } else { "OrderedReady" };
        let rolling = json!({"partition": partition, "maxUnavailable": unavailable});
        let mut model = model(replicas, &json!({"podManagementPolicy": policy, "updateStrategy": {"rollingUpdate": rolling}}));
        settle(&mut model);
        for (second, event) in events.iter().enumerate() {
            model.now = Timestamp::from_second(i64::try_from(second).unwrap()).unwrap();
            let before = model.clone();
            happen(&mut model, event);
            if !parallel {
                check_order(&before, &model);
            }
        }
        settle(&mut model);
        let wanted = model.view.get::<StatefulSet>("shop", "db").unwrap().spec.as_ref().unwrap().replicas.unwrap();
        let ready = pods(&model).split_whitespace().filter(|p| !p.ends_with(['!', '-'])).count();
        let wanted = usize::try_from(wanted).unwrap();
        prop_assert_eq!((ready, model.active().len()), (wanted, wanted));
        prop_assert!(round(&mut model).steps.is_empty(), "a fixed point");
    }
}
