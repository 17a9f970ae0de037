//! Schedules: what they name, and what becomes of them when clocks change.

use super::Schedule;
use crate::api::Timestamp;

/// The next times after `then`, on the clock of the zone.
fn times(schedule: &str, zone: &str, then: &str, count: usize) -> String {
    let schedule = Schedule::parse(schedule, Some(zone)).unwrap();
    let mut at: Timestamp = then.parse().unwrap();
    let mut all = Vec::new();
    for _ in 0..count {
        let Some(next) = schedule.next(at) else { break };
        assert!(next > at);
        at = next;
        all.push(schedule.text(at));
    }
    all.join(" ")
}

fn first(schedule: &str, then: &str) -> String {
    times(schedule, "Etc/UTC", then, 1)
}

#[test]
fn fields_name_times() {
    let then = "2024-02-28T23:59:30Z";
    for (schedule, next) in [
        ("* * * * *", "2024-02-29T00:00:00Z"),
        ("*/15 * * * *", "2024-02-29T00:00:00Z"),
        ("5/15 * * * *", "2024-02-29T00:05:00Z"),
        ("7,3 10-14/2 * * *", "2024-02-29T10:03:00Z"),
        ("0 12 * * MON-FRI", "2024-02-29T12:00:00Z"),
        ("0 12 * * sun", "2024-03-03T12:00:00Z"),
        ("0 0 1 jan *", "2025-01-01T00:00:00Z"),
        ("0 0 29 2 *", "2024-02-29T00:00:00Z"),
        ("30 4 ? * ?", "2024-02-29T04:30:00Z"),
        // Days in both ways: the first of a month, and each Friday.
        ("0 0 1 * fri", "2024-03-01T00:00:00Z"),
        ("0 0 */2 * fri", "2024-02-29T00:00:00Z"),
        ("@hourly", "2024-02-29T00:00:00Z"),
        ("@daily", "2024-02-29T00:00:00Z"),
        ("@weekly", "2024-03-03T00:00:00Z"),
        ("@monthly", "2024-03-01T00:00:00Z"),
        ("@yearly", "2025-01-01T00:00:00Z"),
        ("@every 1h30m", "2024-02-29T01:29:30Z"),
        ("0 0 31 2 *", ""),
    ] {
        assert_eq!(first(schedule, then), next, "{schedule}");
    }
    assert_eq!(first("* * * * *", "2024-01-01T00:00:00Z"), "2024-01-01T00:01:00Z", "a time is not after itself");
}

#[test]
fn what_is_in_the_gap_is_left_out_and_what_comes_twice_comes_twice() {
    // Clocks in Berlin went from 2:00 to 3:00 on 2024-03-31, and from 3:00 back to 2:00 on 2024-10-27.
    let zone = "Europe/Berlin";
    assert_eq!(times("30 2 * * *", zone, "2024-03-30T12:00:00Z", 1), "2024-04-01T02:30:00+02:00");
    assert_eq!(times("0 3 * * *", zone, "2024-03-30T12:00:00Z", 1), "2024-03-31T03:00:00+02:00");
    assert_eq!(
        times("0 */1 * * *", zone, "2024-03-31T00:10:00Z", 2),
        "2024-03-31T03:00:00+02:00 2024-03-31T04:00:00+02:00"
    );
    assert_eq!(
        times("30 2 * * *", zone, "2024-10-26T12:00:00Z", 3),
        "2024-10-27T02:30:00+02:00 2024-10-27T02:30:00+01:00 2024-10-28T02:30:00+01:00"
    );
    assert_eq!(
        times("0 0 * * *", "America/Havana", "2024-03-09T12:00:00Z", 2),
        "2024-03-11T00:00:00-04:00 2024-03-12T00:00:00-04:00"
    );
    assert_eq!(times("0 9 * * *", "Asia/Kolkata", "2024-01-01T00:00:00Z", 1), "2024-01-01T09:00:00+05:30");
}

#[test]
fn what_can_not_be_read_is_told_in_kubernetes_words() {
    let error = |text: &str| Schedule::parse(text, None).unwrap_err();
    for (text, why) in [
        ("", "empty spec string"),
        ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("5-2 * * * *", "beginning of range (5) beyond end of range (2): 5-2"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("x * * * *", "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax"),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("1/2/3 * * * *", "too many slashes: 1/2/3"),
        ("@often", "unrecognized descriptor: @often"),
        ("@every x", "failed to parse duration @every x: time: invalid duration \"x\""),
    ] {
        assert_eq!(error(text), why);
    }
    assert_eq!(Schedule::parse("* * * * *", Some("Mars/Base")).unwrap_err(), "unknown time zone Mars/Base");
}
