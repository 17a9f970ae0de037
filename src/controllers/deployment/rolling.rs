//! How far the new set may grow and the old ones must shrink in one step of a rolling update.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment>

use super::sets::Sets;
use super::strategy::Bounds;

/// The size that the new set shall have: as large as the surge allows. It shrinks only when fewer replicas are asked for.
pub fn new_size(sets: &Sets, bounds: Bounds) -> i32 {
    let size = sets.new.as_ref().map_or(0, |n| n.size);
    let room = (bounds.most() - sets.total()).max(0);
    if size >= bounds.replicas { bounds.replicas } else { size + room.min(bounds.replicas - size) }
}

/// Shrinks the old sets as far as enough pods stay available: first by their pods that are not available anyway, then by
/// those that the new set's available pods replace. Oldest sets first.
pub fn shrink_old(sets: &mut Sets, bounds: Bounds) {
    // A status from before the last scaling may count pods that are on their way out.
    if !sets.new.as_ref().is_none_or(super::sets::Sized::is_observed) {
        return;
    }
    let new_unavailable = sets.new.as_ref().map_or(0, |n| n.size - n.available());
    let mut budget = sets.total() - bounds.least() - new_unavailable;
    for old in &mut sets.old {
        let unhealthy = (old.size - old.available()).min(budget).max(0);
        old.size -= unhealthy;
        budget -= unhealthy;
    }
    let available: i32 = sets.all().map(super::sets::Sized::available).sum();
    let mut spare = (available - bounds.least()).min(budget);
    for old in &mut sets.old {
        let replaced = old.size.min(spare).max(0);
        old.size -= replaced;
        spare -= replaced;
    }
}
