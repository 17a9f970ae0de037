//! Decides from the outcomes of probes whether a container has started, is ready, must be restarted; and when to probe.

use std::fmt;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, Probe};

use crate::api::names;

/// What probes say of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Whether its startup probe has passed, or there is none.
    pub started: bool,
    /// Whether its readiness probe passes, or there is none; never before it has started.
    pub ready: bool,
    /// Why the container is to be restarted: `failed liveness probe`, `failed startup probe`.
    pub failed: Option<String>,
}

/// What a probe is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Holds up the others until it passes.
    Startup,
    /// Asks whether the container must be restarted.
    Liveness,
    /// Asks whether it may be sent requests.
    Readiness,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// All probes of a container, and what they have said so far.
#[derive(Clone, Debug)]
pub struct Checks {
    startup: Option<Check>,
    liveness: Option<Check>,
    readiness: Option<Check>,
}

#[derive(Clone, Debug)]
struct Check {
    successes: i32,
    failures: i32,
    /// The last outcome, and how often it came in a row.
    run: (bool, i32),
    verdict: Option<bool>,
}

impl Checks {
    /// The container's probes before their first outcome, but for what was known of the same container before the agent
    /// was restarted.
    pub fn of(container: &Container, was_started: bool, was_ready: bool) -> Self {
        let check = |probe: &Option<Probe>, passed: bool| {
            probe.as_ref().map(|probe| Check {
                successes: probe.success_threshold.unwrap_or(1).max(1),
                failures: probe.failure_threshold.unwrap_or(3).max(1),
                run: (true, 0),
                verdict: passed.then_some(true),
            })
        };
        Self {
            startup: check(&container.startup_probe, was_started),
            liveness: check(&container.liveness_probe, false),
            readiness: check(&container.readiness_probe, was_ready),
        }
    }

    /// Takes in whether the probe passed.
    pub fn observe(&mut self, kind: Kind, good: bool) {
        if self.is_over(kind) {
            return;
        }
        let check = match kind {
            Kind::Startup => &mut self.startup,
            Kind::Liveness => &mut self.liveness,
            Kind::Readiness => &mut self.readiness,
        };
        let Some(check) = check else { return };
        check.run = if check.run.0 == good { (good, check.run.1 + 1) } else { (good, 1) };
        if check.run.1 >= if good { check.successes } else { check.failures } {
            check.verdict = Some(good);
        }
    }

    /// Whether a probe need not be run any more: a startup probe that has passed, or all when one has failed for good.
    pub fn is_over(&self, kind: Kind) -> bool {
        let health = self.health();
        health.failed.is_some() || (kind == Kind::Startup && health.started)
    }

    /// What the probes say now.
    pub fn health(&self) -> Health {
        let said = |check: &Option<Check>| check.as_ref().map_or(Some(true), |c| c.verdict);
        let fatal = [(&self.startup, "failed startup probe"), (&self.liveness, "failed liveness probe")];
        let failed = fatal.into_iter().find(|(check, _)| said(check) == Some(false));
        let started = said(&self.startup) == Some(true);
        Health {
            started,
            ready: started && said(&self.readiness) == Some(true),
            failed: failed.map(|(_, why)| why.to_owned()),
        }
    }
}

/// How often a probe is run.
pub fn period(probe: &Probe) -> Duration {
    seconds(probe.period_seconds, 10)
}

/// How long a probe may take.
pub fn timeout(probe: &Probe) -> Duration {
    seconds(probe.timeout_seconds, 1)
}

/// How long to wait before a probe is run first, for a container that is `age` old: its initial delay, and a little more
/// that follows from the seed, so that the probes of many pods don't come at once. When the agent finds a container
/// that has long been running, that may be a whole period.
pub fn first(probe: &Probe, age: Duration, seed: &str) -> Duration {
    let delay = Duration::from_secs(probe.initial_delay_seconds.unwrap_or(0).max(0).unsigned_abs().into());
    let period = period(probe);
    let spread = if age > delay + period { period } else { period.min(Duration::from_millis(500)) };
    let part = u32::from_str_radix(&names::digest(seed.as_bytes(), 4), 16).unwrap_or(0);
    delay.saturating_sub(age) + spread * part / 0x1_0000
}

fn seconds(given: Option<i32>, default: u32) -> Duration {
    let given = given.map_or(default, |s| s.max(1).unsigned_abs());
    Duration::from_secs(given.into())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use serde_json::{Value, json};

    use super::*;

    /// Feeds outcomes such as `r+` (the readiness probe passed) and `l-`, and tells what each changes.
    fn story(container: Value, was: (bool, bool), outcomes: &str) -> String {
        let mut container = container;
        container["name"] = json!("c");
        let mut checks = Checks::of(&serde_json::from_value(container).unwrap(), was.0, was.1);
        let show = |health: Health| {
            let word = |is: bool, word: &'static str| if is { word } else { "" };
            let failed = health.failed.unwrap_or_default();
            format!("{} {} {failed}", word(health.started, "started"), word(health.ready, "ready")).trim().to_owned()
        };
        let mut text = format!("   {}\n", show(checks.health()));
        for outcome in outcomes.split_whitespace() {
            let kind = match &outcome[..1] {
                "s" => Kind::Startup,
                "l" => Kind::Liveness,
                _ => Kind::Readiness,
            };
            checks.observe(kind, outcome.ends_with('+'));
            writeln!(text, "{outcome} {}", show(checks.health())).unwrap();
        }
        text
    }

    #[test]
    fn readiness_comes_and_goes() {
        let probe = json!({"readinessProbe": {"successThreshold": 2, "failureThreshold": 2}});
        insta::assert_snapshot!(story(probe, (false, false), "r+ r- r+ r+ r- r+ r- r- r+ r+"), @r"
           started
        r+ started
        r- started
        r+ started
        r+ started ready
        r- started ready
        r+ started ready
        r- started ready
        r- started
        r+ started
        r+ started ready
        ");
    }

    #[test]
    fn liveness_fails_for_good() {
        let probe = json!({"livenessProbe": {}, "readinessProbe": {}});
        insta::assert_snapshot!(story(probe, (false, false), "r+ l- l- l+ l- l- l- l+"), @r"
           started
        r+ started ready
        l- started ready
        l- started ready
        l+ started ready
        l- started ready
        l- started ready
        l- started ready failed liveness probe
        l+ started ready failed liveness probe
        ");
    }

    #[test]
    fn startup_holds_up_the_others() {
        let probe = json!({"startupProbe": {"failureThreshold": 2}, "readinessProbe": {}});
        insta::assert_snapshot!(story(probe.clone(), (false, false), "s- s+ s- s- r+"), @r"
           
        s- 
        s+ started
        s- started
        s- started
        r+ started ready
        ");
        insta::assert_snapshot!(story(probe.clone(), (false, false), "s- s- s+"), @r"
           
        s- 
        s- failed startup probe
        s+ failed startup probe
        ");
        // An agent that was restarted goes on where it was.
        insta::assert_snapshot!(story(probe, (true, true), "r-"), @r"
           started ready
        r- started ready
        ");
    }

    #[test]
    fn no_probes_no_doubt() {
        assert_eq!(story(json!({}), (false, false), ""), "   started ready\n");
    }

    #[test]
    fn the_first_probe_is_spread() {
        let probe = Probe { initial_delay_seconds: Some(5), period_seconds: Some(20), ..Probe::default() };
        let at = |age: u64, seed: &str| first(&probe, Duration::from_secs(age), seed).as_millis();
        for seed in ["a", "b", "c", "d"] {
            assert!((5000..5500).contains(&at(0, seed)), "{}", at(0, seed));
            assert!((0..500).contains(&at(6, seed)), "{}", at(6, seed));
            assert!(at(100, seed) < 20_000);
        }
        assert_eq!(at(100, "a"), at(100, "a"));
        assert_ne!(at(100, "a"), at(100, "b"));
    }
}
