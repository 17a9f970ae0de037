//! What holds of a rollout whatever happens to its pods between rounds.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use proptest::prelude::*;

use super::super::strategy::Bounds;
use super::{edit, model, rolling, set_image};
use crate::api::{Action, Key, Object, Plan, Timestamp};
use crate::controllers::model::Model;
use crate::controllers::pod;

/// What happens between two rounds.
#[derive(Clone, Debug)]
enum Event {
    Deploy,
    Replicate,
    Reap,
    Ready(usize),
    Unready(usize),
    Fail(usize),
    Kill(usize),
    Image(u8),
    Pause(bool),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => Just(Event::Deploy),
        8 => Just(Event::Replicate),
        4 => Just(Event::Reap),
        8 => (0..20_usize).prop_map(Event::Ready),
        1 => (0..20_usize).prop_map(Event::Unready),
        1 => (0..20_usize).prop_map(Event::Fail),
        1 => (0..20_usize).prop_map(Event::Kill),
        2 => (1..4_u8).prop_map(Event::Image),
        1 => any::<bool>().prop_map(Event::Pause),
    ]
}

/// Has it happen; returns how many ready pods were lost to it that no controller deleted.
fn happen(model: &mut Model, event: &Event) -> usize {
    let ready = |model: &Model| model.view.all::<Pod>().filter(|p| pod::is_active(p) && pod::is_ready(p)).count();
    let one = |model: &Model, n: usize| {
        let active = model.active();
        (!active.is_empty()).then(|| active[n % active.len()].clone())
    };
    let before = ready(model);
    match event {
        Event::Deploy => drop(model.deploy()),
        Event::Replicate => {
            let before = model.clone();
            check_deletions(&before, &model.replicate());
        }
        Event::Reap => model.reap(),
        Event::Ready(n) => one(model, *n).into_iter().for_each(|key| model.set_ready(&key, true)),
        Event::Unready(n) => one(model, *n).into_iter().for_each(|key| model.set_ready(&key, false)),
        Event::Fail(n) => one(model, *n).into_iter().for_each(|key| model.fail(&key)),
        Event::Kill(n) => one(model, *n).into_iter().for_each(|key| model.kill(&key)),
        Event::Image(n) => set_image(model, &format!("nginx:{n}")),
        Event::Pause(paused) => edit(model, |s| s.paused = Some(*paused)),
    }
    let ours = matches!(event, Event::Deploy | Event::Replicate | Event::Reap);
    if ours { 0 } else { before.saturating_sub(ready(model)) }
}

/// Unready pods of the set that owns a pod.
fn keeps_unready(model: &Model, deleted: &[Key], ready: &Pod) -> bool {
    let owner = ready.controller().map(|o| &o.uid);
    let mut pods = model.view.all::<Pod>();
    pods.any(|p| {
        pod::is_active(p) && !pod::is_ready(p) && p.controller().map(|o| &o.uid) == owner && !deleted.contains(&p.key())
    })
}

fn check_deletions(before: &Model, plan: &Plan) {
    let deleted: Vec<Key> = plan
        .steps
        .iter()
        .filter_map(|s| if let Action::Delete { key, .. } = &s.action { Some(key.clone()) } else { None })
        .collect();
    for key in &deleted {
        if let Some(pod) = before.view.get::<Pod>(&key.namespace, &key.name).filter(|p| pod::is_ready(p)) {
            assert!(!keeps_unready(before, &deleted, pod), "{key} is ready and deleted before an unready one");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_rollout_keeps_its_bounds_whatever_happens(
        replicas in 1..7_i32,
        surge in prop_oneof![Just("0%"), Just("25%"), Just("100%")],
        unavailable in prop_oneof![Just("0%"), Just("30%"), Just("100%")],
        bursts in prop::collection::vec(prop::collection::vec(event(), 1..40), 1..4),
    ) {
        let mut model = model(replicas, &rolling(surge, unavailable));
        model.settle();
        let bounds = Bounds::of(model.view.get("shop", "web").unwrap());
        let mut second = 0;
        for burst in bursts {
            let mut lost = 0;
            for event in &burst {
                second += 1;
                model.now = Timestamp::from_second(second).unwrap();
                lost += i32::try_from(happen(&mut model, event)).unwrap();
                let count = i32::try_from(model.active().len()).unwrap();
                prop_assert!(count <= bounds.most(), "{count} pods of {} after {event:?}", bounds.most());
                let ready = model.view.all::<Pod>().filter(|p| pod::is_active(p) && pod::is_ready(p)).count();
                let ready = i32::try_from(ready).unwrap();
                prop_assert!(ready + lost >= bounds.least(), "{ready} ready and {lost} lost, not {}, after {event:?}", bounds.least());
            }
            edit(&mut model, |s| s.paused = None);
            model.settle();
            let status = model.view.all::<Deployment>().next().unwrap().status.clone().unwrap();
            prop_assert_eq!(status.available_replicas, Some(replicas));
            prop_assert_eq!(status.updated_replicas, Some(replicas));
            prop_assert_eq!(model.active().len(), usize::try_from(replicas).unwrap());
        }
    }
}
