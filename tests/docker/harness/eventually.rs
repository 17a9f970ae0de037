//! Polling with a bound: the only way in which scenarios wait.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// A bound for what takes a moment: on a busy machine a start of a container takes seconds.
pub const SOON: Duration = Duration::from_secs(30);
/// A bound for what takes several such steps.
pub const LATER: Duration = Duration::from_mins(2);

const PAUSE: Duration = Duration::from_millis(100);

/// Asks until there is an answer, and returns it; panics with the words when the bound is over.
pub fn eventually<T>(what: &str, bound: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + bound;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "not within {} s: {what}", bound.as_secs());
        sleep(PAUSE);
    }
}

/// Insists that something stays true for a while.
pub fn stays(what: &str, time: Duration, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + time;
    while Instant::now() < end {
        assert!(holds(), "no longer: {what}");
        sleep(PAUSE);
    }
}
