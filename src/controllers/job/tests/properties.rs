//! Random lives of Jobs: pods succeed, fail, and are deleted in any order.

use proptest::prelude::*;
use serde_json::json;

use super::world::World;
use crate::api::Object;
use crate::controllers::job;

/// What happens to a pod between rounds.
#[derive(Clone, Debug)]
enum Happening {
    Succeeds(prop::sample::Index),
    Fails(prop::sample::Index),
    IsDeleted(prop::sample::Index),
    Stopped,
    TimePasses,
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let one = prop_oneof![
        4 => any::<prop::sample::Index>().prop_map(Happening::Succeeds),
        2 => any::<prop::sample::Index>().prop_map(Happening::Fails),
        1 => any::<prop::sample::Index>().prop_map(Happening::IsDeleted),
        2 => Just(Happening::Stopped),
        3 => Just(Happening::TimePasses),
    ];
    prop::collection::vec(one, 0..40)
}

fn happen(world: &mut World, happening: &Happening) -> (u32, u32) {
    let active = world.model.active();
    match happening {
        Happening::Succeeds(i) if !active.is_empty() => {
            world.end_pod(i.get(&active), 0);
            (1, 0)
        }
        Happening::Fails(i) if !active.is_empty() => {
            world.end_pod(i.get(&active), 1);
            (0, 1)
        }
        Happening::IsDeleted(i) if !active.is_empty() => {
            let now = world.now();
            world.model.change::<k8s_openapi::api::core::v1::Pod>(i.get(&active), |p| {
                p.metadata.deletion_timestamp = Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(now));
                p.metadata.deletion_grace_period_seconds = Some(30);
            });
            (0, 1)
        }
        Happening::Stopped => {
            world.stop_deleted();
            (0, 0)
        }
        Happening::TimePasses => {
            world.set_now(world.wake.unwrap_or(world.now()));
            (0, 0)
        }
        _ => (0, 0),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn never_too_many_pods_at_once_each_end_counts_once_and_all_come_to_an_end(
        completions in 1..6_i32,
        parallelism in 1..4_usize,
        indexed: bool,
        replaces_ended: bool,
        events in happenings(),
    ) {
        let mut world = World::of(&json!({
            "completions": completions, "parallelism": parallelism, "backoffLimit": 1000,
            "completionMode": if indexed { "Indexed" } else { "NonIndexed" },
            "podReplacementPolicy": if replaces_ended { "Failed" } else { "TerminatingOrFailed" },
        }));
        let (mut good, mut bad) = (0, 0);
        world.round();
        for event in &events {
            let (more_good, more_bad) = happen(&mut world, event);
            good += more_good;
            bad += more_bad;
            world.round();
            prop_assert!(world.active() <= parallelism, "{} at once", world.active());
            if indexed {
                let pods = world.pods();
                let mut indexes: Vec<_> = pods.iter().filter(|p| World::runs(p)).map(|p| p.spec.as_ref().unwrap().hostname.clone()).collect();
                let count = indexes.len();
                indexes.dedup();
                prop_assert_eq!(indexes.len(), count, "an index twice");
            }
        }
        for _ in 0..200 {
            world.settle();
            world.stop_deleted();
            world.settle();
            if !world.end().is_empty() {
                break;
            }
            if world.active() > 0 {
                world.end_first(0);
                good += 1;
            } else if let Some(wake) = world.wake {
                world.set_now(wake);
            }
        }
        prop_assert_eq!(world.end(), "Complete CompletionsReached");
        // Pods that run beyond what is needed are deleted: their ends do not count.
        let status = world.job().status.unwrap();
        prop_assert!(status.succeeded.unwrap_or(0) >= completions);
        prop_assert!(status.succeeded.unwrap_or(0) <= good.try_into().unwrap());
        prop_assert_eq!(status.failed.unwrap_or(0), i32::try_from(bad).unwrap());
        prop_assert_eq!(status.uncounted_terminated_pods.unwrap_or_default(), <_>::default());
        prop_assert!(world.pods().iter().all(|p| p.metadata.finalizers.iter().flatten().next().is_none()));
    }

    #[test]
    fn the_plan_does_not_hang_on_the_order_of_insertion(events in happenings(), seed: u64) {
        let mut world = World::of(&json!({"completions": 4, "parallelism": 3, "completionMode": "Indexed"}));
        world.round();
        for event in &events {
            happen(&mut world, event);
            world.round();
        }
        let mut pods = world.pods();
        let turn = usize::try_from(seed % 7).unwrap() % pods.len().max(1);
        pods.rotate_left(turn);
        pods.reverse();
        let job = world.job();
        let mut view = crate::api::View::default();
        view.extend(pods);
        view.extend([job.clone()]);
        let plan = |view: &_| job::plan(view, &job.key(), world.now()).to_string();
        prop_assert_eq!(plan(&view), plan(&world.model.view));
    }
}
