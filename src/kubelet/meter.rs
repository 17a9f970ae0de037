//! Measures what pods and the machine use, when somebody asks: two readings, and what was used between them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use tokio::sync::Mutex;

use super::runtime::{Container, Error, Reading, Runtime};
use crate::api::Timestamp;
use crate::api::names::container as label;
use crate::api::usage::{Measured, Usage};

/// What was measured is good for so long.
const FRESH: SignedDuration = SignedDuration::from_secs(10);
/// An earlier reading is good to compare with for so long, and not before so long.
const OLDEST: SignedDuration = SignedDuration::from_secs(60);
const YOUNGEST: SignedDuration = SignedDuration::from_secs(1);
/// So many containers are asked at once.
const AT_ONCE: usize = 4;
/// The kernel's clock ticks in /proc/stat, in nanoseconds.
const TICK: u64 = 10_000_000;

/// Measures the pods of one node.
pub struct Meter {
    runtime: Arc<dyn Runtime>,
    last: Mutex<Option<(Readings, Arc<Measured>)>>,
}

/// The counters of all running containers (by the engine's ids) and of the machine, read in one go.
struct Readings {
    at: Timestamp,
    containers: BTreeMap<String, (Container, Reading)>,
    machine: Reading,
}

impl Meter {
    /// A meter that has not measured yet.
    #[must_use]
    pub fn new(runtime: Arc<dyn Runtime>) -> Self {
        Self { runtime, last: Mutex::default() }
    }

    /// What is used now, or was a moment ago. The first time takes a second, as cpu is used over time.
    ///
    /// # Errors
    /// If the engine does not answer.
    pub async fn measure(&self) -> Result<Arc<Measured>, Error> {
        let mut last = self.last.lock().await;
        let age = |at: Timestamp| Timestamp::now().duration_since(at);
        if let Some((_, measured)) = last.as_ref().filter(|(r, _)| age(r.at) < FRESH) {
            return Ok(Arc::clone(measured));
        }
        let before = match last.take() {
            Some((readings, _)) if (YOUNGEST..OLDEST).contains(&age(readings.at)) => readings,
            _ => {
                let first = self.read().await?;
                tokio::time::sleep(Duration::from_secs(1)).await;
                first
            }
        };
        let now = self.read().await?;
        let measured = Arc::new(compare(&before, &now));
        *last = Some((now, Arc::clone(&measured)));
        Ok(measured)
    }

    async fn read(&self) -> Result<Readings, Error> {
        let running = self.runtime.containers().await?.into_iter().filter(|c| c.running_since().is_some());
        let reads = stream::iter(running).map(async |container| {
            // One that has just ended has nothing to tell.
            let reading = self.runtime.usage(&container.id).await.ok()?;
            Some((container.id.clone(), (container, reading)))
        });
        let containers = reads.buffer_unordered(AT_ONCE).filter_map(async |read| read).collect().await;
        let at = Timestamp::now();
        Ok(Readings { at, containers, machine: machine(Path::new("/proc"), at) })
    }
}

/// What was used between two readings. A container that was not there at the first is left out: nothing is known of it yet.
fn compare(before: &Readings, now: &Readings) -> Measured {
    let mut measured = Measured {
        at: now.at,
        window: now.at.duration_since(before.at),
        node: between(&before.machine, &now.machine),
        ..Measured::default()
    };
    for (id, (container, reading)) in &now.containers {
        let (Some(uid), Some((_, earlier))) = (container.labels.get(label::UID), before.containers.get(id)) else {
            continue;
        };
        let containers = measured.pods.entry(uid.clone()).or_default();
        // The sandbox is the pod's overhead, which Kubernetes does not count.
        if let Some(name) = container.labels.get(label::CONTAINER) {
            containers.insert(name.clone(), between(earlier, reading));
        }
    }
    measured.pods.retain(|_, containers| !containers.is_empty());
    measured
}

fn between(before: &Reading, now: &Reading) -> Usage {
    let time = now.at.duration_since(before.at).as_nanos().max(1);
    let used = i128::from(now.cpu.saturating_sub(before.cpu)) * 1_000_000_000;
    Usage { cpu: u64::try_from(used / time).unwrap_or(0), memory: now.memory }
}

/// The machine's own counters: all cores, and the memory that is not available.
fn machine(proc: &Path, at: Timestamp) -> Reading {
    let text = |name: &str| std::fs::read_to_string(proc.join(name)).unwrap_or_default();
    let stat = text("stat");
    let numbers: Vec<u64> =
        stat.lines().next().unwrap_or_default().split_whitespace().skip(1).filter_map(|n| n.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq, steal: what is idle, waits or is stolen is not used.
    let busy: u64 = [0, 1, 2, 5, 6].into_iter().filter_map(|i| numbers.get(i)).sum();
    let meminfo = text("meminfo");
    let field = |name: &str| -> u64 {
        let line = meminfo.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
        line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0) * 1024
    };
    Reading { at, cpu: busy * TICK, memory: field("MemTotal").saturating_sub(field("MemAvailable")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn use_is_what_counters_grew_by() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let before = Reading { at: at(0), cpu: 5_000_000_000, memory: 1 };
        let now = Reading { at: at(4), cpu: 7_000_000_000, memory: 9 };
        assert_eq!(between(&before, &now), Usage { cpu: 500_000_000, memory: 9 });
        assert_eq!(between(&now, &Reading { at: at(8), cpu: 0, memory: 3 }).cpu, 0, "a counter that began anew");
    }

    #[tokio::test]
    async fn containers_are_measured_under_their_pods() {
        let fake = Arc::new(crate::kubelet::fake::Fake::with_images(["i"]));
        let mut spec = super::super::runtime::ContainerSpec { name: "a".into(), ..Default::default() };
        spec.labels =
            [(label::UID.to_owned(), "u1".to_owned()), (label::CONTAINER.to_owned(), "web".to_owned())].into();
        let id = fake.create(&spec).await.unwrap();
        fake.start(&id).await.unwrap();
        let measured = Meter::new(fake).measure().await.unwrap();
        assert_eq!(measured.pods["u1"].keys().collect::<Vec<_>>(), ["web"]);
        assert!(measured.pods["u1"]["web"].cpu > 0);
    }
}
