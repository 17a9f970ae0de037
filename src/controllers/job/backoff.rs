//! How long a Job waits with the next pod after failures: ten seconds, doubled by each further one, ten minutes at most.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy>

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::Pod;

use super::pods;
use crate::api::{Object, Timestamp};
use crate::controllers::pod;

const FIRST: SignedDuration = SignedDuration::from_secs(10);
const LONGEST: SignedDuration = SignedDuration::from_mins(10);

/// From when on the Job may make another pod: after the failures since its last success. Its pods tell of them, as they
/// stay until the Job goes.
pub fn until(all: &[&Pod]) -> Option<Timestamp> {
    let mut ends: Vec<_> = all.iter().filter(|p| pod::is_finished(p)).map(|p| (pods::ended_at(p), p)).collect();
    ends.sort_by_key(|(at, p)| (*at, p.name()));
    let failures = ends.iter().rev().take_while(|(_, p)| pod::phase(p) == "Failed").count();
    let (last, _) = ends.last().filter(|_| failures > 0)?;
    Some(after(*last, i32::try_from(failures).unwrap_or(i32::MAX)))
}

/// From when on an index gets another pod, after the last one of it that failed.
pub fn of_index(last: &Pod) -> Timestamp {
    let (counted, ignored) = pods::failures(last);
    after(pods::ended_at(last), counted + ignored + 1)
}

fn after(last: Timestamp, failures: i32) -> Timestamp {
    let doublings = u32::try_from(failures - 1).unwrap_or(0).min(10);
    last + (FIRST * 2_i32.pow(doublings)).min(LONGEST)
}
