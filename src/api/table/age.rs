//! Durations as kubectl prints them: `45s`, `3m20s`, `5h`, `12d`.

use serde_json::Value;

use crate::api::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The time from `then` to `now`, in at most two units.
/// <https://github.com/kubernetes/apimachinery/blob/master/pkg/util/duration/duration.go>
pub fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs().max(0);
    let two = |large: i64, small: i64, names: (&str, &str)| {
        let rest = seconds % large / small;
        let head = format!("{}{}", seconds / large, names.0);
        if rest == 0 { head } else { format!("{head}{rest}{}", names.1) }
    };
    match seconds {
        0..120 => format!("{seconds}s"),
        120..600 => two(MINUTE, 1, ("m", "s")),
        600..10_800 => format!("{}m", seconds / MINUTE),
        10_800..28_800 => two(HOUR, MINUTE, ("h", "m")),
        28_800..172_800 => format!("{}h", seconds / HOUR),
        172_800..691_200 => two(DAY, HOUR, ("d", "h")),
        _ => format!("{}d", seconds / DAY),
    }
}

/// The age of the time that a JSON pointer finds; `<unknown>` without one.
pub(super) fn since(object: &Value, pointer: &str, now: Timestamp) -> String {
    let time = object.pointer(pointer).and_then(Value::as_str).and_then(|t| t.parse().ok());
    time.map_or_else(|| "<unknown>".to_owned(), |then| age(then, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_read_as_kubectls() {
        let then = Timestamp::UNIX_EPOCH;
        let cases = [
            (0, "0s"),
            (119, "119s"),
            (200, "3m20s"),
            (3600, "60m"),
            (11_100, "3h5m"),
            (90_000, "25h"),
            (1_000_000, "11d"),
        ];
        for (seconds, text) in cases {
            let now = Timestamp::from_second(seconds).unwrap();
            assert_eq!(age(then, now), text, "{seconds} seconds");
        }
    }
}
