//! Which pods of an older template a rolling update deletes next, from the highest ordinal down to the partition.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#rolling-updates>

use super::{Round, identity, scale};
use crate::api::{Object, Plan};

/// Deletes pods of older templates, as many as may be unavailable. One that is not available anyway costs nothing; where
/// pods wait for each other there is none of those here, and a broken update waits for somebody to delete its pod:
/// <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback>
pub fn plan(round: &Round, plan: &mut Plan) {
    let wishes = &round.wishes;
    let wanted = round.pods.range(wishes.ordinals.clone());
    let missing = wishes.ordinals.len().saturating_sub(wanted.clone().count());
    let unavailable = missing + wanted.clone().filter(|(_, p)| !round.is_healthy(p)).count();
    let mut budget = wishes.unavailable.saturating_sub(unavailable);
    let update = round.revisions.update.name();
    for (_, pod) in wanted.rev().take_while(|(ordinal, _)| **ordinal >= wishes.partition) {
        if pod.is_deleting() || identity::revision(pod) == update {
            continue;
        }
        if round.is_healthy(pod) {
            if budget == 0 {
                continue;
            }
            budget -= 1;
        }
        scale::delete(round, pod, &format!("it is of {}, not of {update}", identity::revision(pod)), plan);
    }
}
