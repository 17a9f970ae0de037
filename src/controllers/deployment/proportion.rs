//! Scaling in the middle of a rollout: every set keeps its share, so that the risk stays as it was.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling>

use std::cmp::Reverse;

use super::sets::{Sets, Sized};
use super::strategy::Bounds;

/// Gives all sets together the size that the bounds ask for.
pub fn scale(sets: &mut Sets, bounds: Bounds) {
    let active = sets.all().filter(|s| s.size > 0).count();
    if active <= 1 {
        let mut all: Vec<&mut Sized> = sets.old.iter_mut().chain(sets.new.as_mut()).collect();
        let latest = all.len().saturating_sub(1);
        let index = all.iter().position(|s| s.size > 0).unwrap_or(latest);
        all.get_mut(index).into_iter().for_each(|one| one.size = bounds.replicas);
    } else if sets.new.as_ref().is_some_and(|n| n.is_saturated(bounds.replicas)) {
        sets.old.iter_mut().for_each(|old| old.size = 0);
    } else {
        share_out(sets, bounds);
    }
}

/// Shares the difference out in proportion to size; what rounding leaves goes to the largest set.
fn share_out(sets: &mut Sets, bounds: Bounds) {
    let allowed = if bounds.replicas > 0 { bounds.most() } else { 0 };
    let to_add = allowed - sets.total();
    let mut active: Vec<&mut Sized> = sets.old.iter_mut().chain(sets.new.as_mut()).filter(|s| s.size > 0).collect();
    // Sets are in the order of their age: of equals the newer grows first, the older shrinks first.
    if to_add > 0 {
        active.reverse();
    }
    active.sort_by_key(|s| Reverse(s.size));
    let mut added = 0;
    for set in &mut active {
        let left = to_add - added;
        let share = share(set, bounds);
        let share = if to_add > 0 { share.min(left).max(0) } else { share.max(left).min(0) };
        set.size += share;
        added += share;
    }
    if let Some(largest) = active.first_mut() {
        largest.size = (largest.size + to_add - added).max(0);
    }
}

/// How much a set grows by when all grow from the bounds that it was last scaled for to these.
fn share(set: &Sized, bounds: Bounds) -> i32 {
    if bounds.replicas == 0 {
        return -set.size;
    }
    let before = i64::from(set.most_before().unwrap_or(set.size).max(1));
    let doubled = 2 * i64::from(set.size) * i64::from(bounds.most());
    i32::try_from((doubled + before) / (2 * before)).unwrap_or(i32::MAX) - set.size
}
