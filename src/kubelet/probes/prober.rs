//! Runs the probes of all pods, one task each, and keeps what they say.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::run::{Outcome, run};
use super::state::{Checks, Health, Kind, first, period};
use super::target::Target;
use crate::api::Timestamp;
use crate::kubelet::runtime::Runtime;

/// What people should know of a probe, for an event of type `Warning`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The container in the pod.
    pub container: String,
    /// `Unhealthy`, or `ProbeWarning` of a probe that passed all the same.
    pub reason: &'static str,
    /// `Readiness probe failed: HTTP probe failed with statuscode: 503` and the like.
    pub message: String,
}

/// The prober. Cloning is cheap; all clones are one. Nothing runs for containers without probes.
#[derive(Clone)]
pub struct Prober {
    shared: Arc<Shared>,
}

struct Shared {
    runtime: Arc<dyn Runtime>,
    pods: Mutex<BTreeMap<String, BTreeMap<String, Watched>>>,
    listeners: Mutex<Vec<mpsc::UnboundedSender<String>>>,
}

/// A container under watch; its tasks end when it is dropped.
struct Watched {
    target: Target,
    checks: Checks,
    health: watch::Sender<Health>,
    /// By probe: what it last gave cause to say, and whether that was told.
    remarks: BTreeMap<Kind, (Remark, bool)>,
    _tasks: JoinSet<()>,
}

impl Prober {
    /// A prober that runs exec probes by this engine.
    #[must_use]
    pub fn new(runtime: Arc<dyn Runtime>) -> Self {
        let (pods, listeners) = Default::default();
        Self { shared: Arc::new(Shared { runtime, pods, listeners }) }
    }

    /// Probes exactly these containers of the pod from now on. What is watched already goes on undisturbed; a new id or
    /// other probes start all over. Must be called inside a tokio runtime.
    pub fn watch(&self, uid: &str, targets: Vec<Target>) {
        let mut pods = self.shared.pods();
        let mut before = pods.remove(uid).unwrap_or_default();
        let mut now = BTreeMap::new();
        for target in targets {
            let name = target.container.name.clone();
            let kept = before.remove(&name).filter(|watched| watched.target.is_same(&target));
            now.insert(name, kept.unwrap_or_else(|| self.start(uid, target)));
        }
        if !now.is_empty() {
            pods.insert(uid.to_owned(), now);
        }
    }

    /// Stops all probes of the pod.
    pub fn forget(&self, uid: &str) {
        self.shared.pods().remove(uid);
    }

    /// What the probes say of the pod's containers, by name. One that is not under watch is not in it.
    #[must_use]
    pub fn health(&self, uid: &str) -> BTreeMap<String, Health> {
        let pods = self.shared.pods();
        let all = pods.get(uid).into_iter().flatten();
        all.map(|(name, watched)| (name.clone(), watched.checks.health())).collect()
    }

    /// What the pod's probes gave cause to say and nobody took yet; the last remark of each probe.
    #[must_use]
    pub fn take_remarks(&self, uid: &str) -> Vec<Remark> {
        let mut pods = self.shared.pods();
        let mut taken = Vec::new();
        for watched in pods.get_mut(uid).into_iter().flat_map(BTreeMap::values_mut) {
            for (remark, told) in watched.remarks.values_mut().filter(|(_, told)| !told) {
                taken.push(remark.clone());
                *told = true;
            }
        }
        taken
    }

    /// The uids of pods, each time the health of one of their containers changes or a probe has something new to say.
    #[must_use]
    pub fn changed(&self) -> mpsc::UnboundedReceiver<String> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.shared.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        receiver
    }

    fn start(&self, uid: &str, target: Target) -> Watched {
        let checks = Checks::of(&target.container, target.was_started, target.was_ready);
        let health = watch::Sender::new(checks.health());
        let mut tasks = JoinSet::new();
        for kind in [Kind::Startup, Kind::Liveness, Kind::Readiness] {
            if target.probe(kind).is_some() && !checks.is_over(kind) {
                let shared = self.shared.clone();
                tasks.spawn(probe(shared, uid.to_owned(), kind, target.clone(), health.subscribe()));
            }
        }
        Watched { target, checks, health, remarks: BTreeMap::new(), _tasks: tasks }
    }
}

/// Runs one probe for as long as it is of use.
async fn probe(shared: Arc<Shared>, uid: String, kind: Kind, target: Target, mut health: watch::Receiver<Health>) {
    let Some(probe) = target.probe(kind) else { return };
    let age = Timestamp::now().duration_since(target.started);
    let seed = format!("{uid}/{}/{kind}", target.container.name);
    let wait = first(probe, Duration::try_from(age).unwrap_or_default(), &seed);
    let mut ticks = interval_at(Instant::now() + wait, period(probe));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The others wait for the startup probe, and then go first at once.
    if kind != Kind::Startup && health.wait_for(|h| h.started).await.is_err() {
        return;
    }
    loop {
        ticks.tick().await;
        let outcome = run(shared.runtime.as_ref(), probe, &target).await;
        if shared.observe(&uid, &target, kind, outcome) {
            return;
        }
    }
}

impl Shared {
    fn pods(&self) -> MutexGuard<'_, BTreeMap<String, BTreeMap<String, Watched>>> {
        self.pods.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in an outcome; returns whether the probe is of no more use.
    fn observe(&self, uid: &str, target: &Target, kind: Kind, outcome: Outcome) -> bool {
        let mut pods = self.pods();
        let watched = pods.get_mut(uid).and_then(|pod| pod.get_mut(&target.container.name));
        let Some(watched) = watched.filter(|w| w.target.id == target.id) else { return true };
        let good = matches!(outcome, Outcome::Passed | Outcome::Warned(_));
        let mut news = false;
        match remark(&target.container.name, kind, outcome) {
            None => drop(watched.remarks.remove(&kind)),
            Some(remark) => {
                let before = watched.remarks.insert(kind, (remark.clone(), false));
                news = before.is_none_or(|(last, _)| last != remark);
            }
        }
        watched.checks.observe(kind, good);
        let health = watched.checks.health();
        news |= watched.health.send_if_modified(|last| std::mem::replace(last, health.clone()) != health);
        let over = watched.checks.is_over(kind);
        drop(pods);
        if news {
            let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
            listeners.retain(|listener| listener.send(uid.to_owned()).is_ok());
        }
        over
    }
}

/// What an outcome gives cause to say, in Kubernetes' words.
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/prober/prober.go>
fn remark(container: &str, kind: Kind, outcome: Outcome) -> Option<Remark> {
    let (reason, message) = match outcome {
        Outcome::Passed => return None,
        Outcome::Warned(why) => ("ProbeWarning", format!("{kind} probe warning: {why}")),
        Outcome::Failed(why) => ("Unhealthy", format!("{kind} probe failed: {why}")),
        Outcome::Errored(why) => ("Unhealthy", format!("{kind} probe errored and resulted in unknown state: {why}")),
    };
    Some(Remark { container: container.to_owned(), reason, message })
}
