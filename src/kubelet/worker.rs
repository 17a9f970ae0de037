//! Works for one pod, round after round, until nothing is left of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Secret};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, interval_at};

use super::actions::PodActions;
use super::background::Background;
use super::backoff::Memory;
use super::drain;
use super::errand::{Errand, Errands};
use super::hands::Hands;
use super::image_volumes::Images;
use super::learn::{back_off, learn};
use super::observe::{Observed, Pods};
use super::observer::Observer;
use super::plan::{Round, compute_pod_actions};
use super::policy::{active_until, is_terminal};
use super::run::Followed;
use super::runtime::Error;
use super::sync::{Fault, Outcomes, Urgency, Work, execute};
use super::termination::{self, Messages};
use super::volumes::{self, PodVolume, Tokens};
use super::{image_volumes, images, orphans, probes, status};
use crate::api::{Action, Key, Object, Plan, Timestamp, View};
use crate::client::Informer;

/// A round that decides the same as the one before changed nothing: the next one waits.
const UNCHANGED: Duration = Duration::from_secs(1);
/// When it is first told how far a pull is, and how often after that.
const PULLS: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(1));
/// Why the image of a volume can't be had.
const IMAGE_FAULTS: [&str; 3] = ["InvalidImageName", "ErrImageNeverPull", "ErrImagePull"];
/// After an error of the engine.
const AGAIN: SignedDuration = SignedDuration::from_secs(2);

/// Works for one pod.
pub struct Worker {
    /// What it works with.
    pub hands: Arc<Hands>,
    /// Shows the pod and what it refers to.
    pub informer: Informer,
    /// Shows the containers.
    pub observer: Observer,
    /// Show what those go by who lead connections to the pod.
    pub followed: Vec<Followed>,
    /// The pod's key.
    pub key: Key,
    /// The pod's uid; another pod of that name has its own worker.
    pub uid: String,
    /// Rings when something that concerns the pod changed.
    pub wake: Arc<Notify>,
    /// Rings when slow work has become pointless.
    pub urgency: watch::Receiver<Urgency>,
    /// What goes on beside the rounds.
    pub background: Background,
    /// What it knows from earlier rounds.
    pub notes: Notes,
}

/// What a worker knows from earlier rounds; all of it can be lost.
#[derive(Default)]
pub struct Notes {
    memory: Memory,
    /// What containers said as they ended.
    messages: Messages,
    /// What the last round decided.
    decided: PodActions,
    /// The sandbox whose volumes were written, and with what.
    written: Option<(String, String)>,
    /// The tokens in its volumes.
    tokens: Tokens,
    /// The images of its volumes.
    images: Images,
    /// What stood for the state of all that the pod may refer to.
    configuration: (u64, usize),
    /// What stood for its images and all that they may be pulled with.
    pulls: BTreeSet<(String, String)>,
}

/// What comes after a round.
enum Next {
    /// Another one: something was done.
    Round,
    /// Nothing, until something changes or this time has come.
    Wait(Option<Timestamp>),
    /// Nothing is left of the pod.
    End,
}

impl Worker {
    /// Works until nothing is left of the pod.
    pub async fn run(mut self) {
        loop {
            self.urgency.borrow_and_update();
            let next = self.round().await.unwrap_or_else(|error| {
                tracing::warn!(pod = %self.key, %error, "round failed");
                Next::Wait(Some(Timestamp::now() + AGAIN))
            });
            match next {
                Next::End => return,
                Next::Round => {}
                Next::Wait(None) => self.wake.notified().await,
                Next::Wait(Some(until)) => {
                    let wait = until.duration_since(Timestamp::now());
                    let wait = Duration::try_from(wait).unwrap_or_default();
                    // That nothing woke it is as good a reason as any.
                    let _ = tokio::time::timeout(wait, self.wake.notified()).await;
                }
            }
        }
    }

    async fn round(&mut self) -> Result<Next, Arc<Error>> {
        let view = self.informer.view();
        // Before the engine is looked at: what ends meanwhile is no more under way, and does not run either.
        let errands = self.background.errands();
        let pods = self.observer.now().await?;
        let none = Observed::default();
        let observed = pods.get(&self.uid).unwrap_or(&none);
        let pod = view.get::<Pod>(&self.key.namespace, &self.key.name).filter(|p| p.uid() == self.uid);
        let Some(pod) = pod else {
            orphans::clean(&self.hands, &self.uid, observed).await?;
            return Ok(Next::End);
        };
        let configuration = configuration(&view, &self.key.namespace);
        if std::mem::replace(&mut self.notes.configuration, configuration) != configuration {
            self.notes.memory.configuration_changed();
        }
        let pulls = images::fingerprint(&view, pod);
        if std::mem::replace(&mut self.notes.pulls, pulls.clone()) != pulls {
            self.notes.memory.pulls_changed();
        }
        let missing = images::missing(&*self.hands.runtime, pod, &mut self.notes.memory).await;
        let volumes = self.volumes(&view, pod, observed).await;
        self.background.keep(&observed.all().chain(&observed.sandboxes).map(|c| c.id.as_str()).collect());
        self.watch(pod, observed, &errands);
        let health = self.hands.prober.health(&self.uid);
        let messages = std::mem::take(&mut self.notes.messages);
        let root = &self.hands.config.state_root;
        self.notes.messages = termination::gather(&*self.hands.runtime, root, pod, observed, messages).await;
        let now = Timestamp::now();
        let followed: Vec<_> = self.followed.iter().map(|f| f.borrow().clone()).collect();
        let hold = drain::hold(pod, &view, &followed);
        let (memory, messages) = (&self.notes.memory, &self.notes.messages);
        let round = Round { pod, observed, health: &health, errands: &errands, messages, memory, hold, now };
        let actions = compute_pod_actions(round);
        self.report(round, &actions).await;
        let repeated = !actions.is_idle() && actions == self.notes.decided;
        if !actions.is_idle() {
            tracing::info!(pod = %self.key, "{}", actions.to_string().trim_end().replace('\n', "; "));
        }
        self.notes.decided = actions.clone();
        if actions.is_idle() {
            let look = missing.then(|| now + images::LOOK);
            return Ok(Next::Wait(look.into_iter().chain(actions.wake).min()));
        }
        if repeated {
            tokio::time::sleep(UNCHANGED).await;
        }
        if actions.finish.is_some() {
            return self.finish(pod, observed).await;
        }
        let seen = addresses(&pods);
        let volumes = volumes.as_deref();
        let (hands, background, urgency) = (&self.hands, &self.background, &self.urgency);
        let work = Work { hands, background, pod, observed, seen: &seen, view: &view, volumes, urgency };
        let outcomes = self.carry_out(round, work, &actions).await?;
        learn(&self.hands, pod, &mut self.notes.memory, outcomes).await;
        Ok(Next::Round)
    }

    /// Probes what runs and has begun: a container whose postStart hook is not over does not count as running.
    fn watch(&self, pod: &Pod, observed: &Observed, errands: &Errands) {
        let mut targets = probes::targets(pod, observed);
        targets.retain(|t| !matches!(errands.get(&t.id), Some(Errand::PostStart | Errand::PostStartFailed(_))));
        self.hands.prober.watch(&self.uid, targets);
    }

    /// Carries out what was decided, and tells meanwhile how far pulls are.
    async fn carry_out<'a>(
        &self,
        round: Round<'_>,
        work: Work<'_>,
        actions: &'a PodActions,
    ) -> Result<Outcomes<'a>, Arc<Error>> {
        // A pull may take longer than the pod may be active.
        let left = active_until(round.pod).and_then(|until| Duration::try_from(until.duration_since(round.now)).ok());
        let overdue = left.filter(|left| !left.is_zero()).map(|left| Instant::now() + left);
        let mut work = std::pin::pin!(execute(work, actions));
        let mut tick = interval_at(Instant::now() + PULLS.0, PULLS.1);
        let mut told = BTreeMap::new();
        loop {
            tokio::select! {
                outcomes = &mut work => return Ok(outcomes?),
                () = at(overdue) => return Ok(Outcomes::new()),
                _ = tick.tick() => {}
            }
            let pulls = self.hands.pulls.of(&self.uid);
            if pulls == told {
                continue;
            }
            let (view, pods) = (self.informer.view(), self.observer.now().await?);
            let pod = view.get::<Pod>(&self.key.namespace, &self.key.name).filter(|p| p.uid() == self.uid);
            if let (Some(pod), Some(observed)) = (pod, pods.get(&self.uid)) {
                let mut actions = actions.clone();
                actions.waiting.extend(pulls.clone());
                self.report(Round { pod, observed, ..round }, &actions).await;
            }
            told = pulls;
        }
    }

    /// Tells the API how the pod is, if it does not say so already, and waits until the view shows it.
    async fn report(&self, round: Round<'_>, actions: &PodActions) {
        let Round { pod, observed, .. } = round;
        let mut plan = Plan::nothing();
        // Once the containers of a deleted pod are gone there is nothing to tell of them.
        if !(pod.is_deleting() && observed.is_empty()) {
            let status = status::pod_status(round, actions, self.hands.config.ranges.gateway);
            if !status::same(pod, &status) {
                plan.update_status(
                    &Pod { status: Some(status), ..pod.clone() },
                    "its containers are not what they were",
                );
            }
        }
        let overdue = round.is_overdue() && !is_terminal(pod);
        if overdue && pod.status.as_ref().is_none_or(|s| s.reason.as_deref() != Some(status::OVERDUE.0)) {
            plan.event(pod, status::OVERDUE.0, status::OVERDUE.1);
        }
        for (name, waiting) in &actions.waiting {
            let known = self.notes.decided.waiting.get(name) == Some(waiting);
            if let Some(message) = back_off(pod, name, waiting).filter(|_| !known) {
                plan.warn(pod, "BackOff", message);
            }
        }
        for remark in self.hands.prober.take_remarks(&self.uid) {
            plan.warn(pod, remark.reason, remark.message);
        }
        if !plan.steps.is_empty() {
            let written = self.hands.tell(plan).await;
            self.informer.caught_up(written).await;
        }
    }

    /// The pod's volumes, brought to what config maps and secrets say now, or why that can't be.
    async fn volumes(&mut self, view: &View, pod: &Pod, observed: &Observed) -> Result<Vec<PodVolume>, Fault> {
        let fault = |error: &dyn std::fmt::Display| Fault::new("FailedMount", error);
        let alive = !pod.is_deleting() && !is_terminal(pod);
        if alive {
            self.renew_tokens(pod).await;
        }
        if alive {
            self.get_images(view, pod).await?;
        }
        let Notes { tokens, images, .. } = &self.notes;
        let given = volumes::Given { node: &self.hands.config.node, tokens, images };
        let volumes = volumes::translate(view, pod, &given).map_err(|e| fault(&e))?;
        let Some(sandbox) = observed.sound_sandbox() else { return Ok(volumes) };
        let written = Some((sandbox.id.clone(), volumes::fingerprint(&volumes)));
        if self.notes.written != written && alive {
            let (runtime, root) = (&*self.hands.runtime, &self.hands.config.state_root);
            volumes::prepare(runtime, root, &volumes).await.map_err(|e| fault(&e))?;
            volumes::fill(runtime, &sandbox.id, &volumes).await.map_err(|e| fault(&e))?;
            self.notes.written = written;
        }
        Ok(volumes)
    }

    /// Gets the images that the pod's volumes are of; one that could not be had is left alone until its back-off is over.
    async fn get_images(&mut self, view: &View, pod: &Pod) -> Result<(), Fault> {
        let failure = self.notes.memory.failures.get("").filter(|f| f.retry > Timestamp::now());
        if let Some(failure) = failure.filter(|f| IMAGE_FAULTS.contains(&f.reason)) {
            return Err(Fault { reason: failure.reason, message: failure.message.clone() });
        }
        let mut urgency = self.urgency.clone();
        tokio::select! {
            got = image_volumes::get(&self.hands, view, pod, &mut self.notes.images) => got,
            _ = urgency.changed() => Err(Fault::new("ErrImagePull", &"the pod is deleted")),
        }
    }

    /// Gets the tokens that the pod's volumes want and do not have, or not for long any more.
    async fn renew_tokens(&mut self, pod: &Pod) {
        for request in self.notes.tokens.due(pod, Timestamp::now()) {
            let answer = self.hands.token(request.clone()).await;
            if let Err(error) = &answer {
                tracing::warn!(pod = %self.key, account = request.account, error, "no token");
            }
            self.notes.tokens.put(request, answer, Timestamp::now());
        }
    }

    /// Nothing runs any more: lets the pod go.
    async fn finish(&self, pod: &Pod, observed: &Observed) -> Result<Next, Arc<Error>> {
        orphans::clean(&self.hands, &self.uid, observed).await?;
        let mut plan = Plan::nothing();
        let delete = Action::Delete { key: self.key.clone(), uid: self.uid.clone(), grace: Some(0), foreground: false };
        plan.push(delete, format!("nothing of {} runs any more", pod.key()));
        let written = self.hands.tell(plan).await;
        self.informer.caught_up(written).await;
        Ok(Next::Wait(Some(Timestamp::now() + AGAIN)))
    }
}

/// What stands for the state of all that pods of a namespace may refer to: the newest revision, and how many there are.
fn configuration(view: &View, namespace: &str) -> (u64, usize) {
    fn revisions<T: Object>(view: &View, namespace: &str) -> Vec<u64> {
        let revision = |o: &T| o.metadata().resource_version.as_ref()?.parse().ok();
        view.list::<T>(namespace).filter_map(revision).collect()
    }
    let all = [
        revisions::<ConfigMap>(view, namespace),
        revisions::<Secret>(view, namespace),
        revisions::<PersistentVolumeClaim>(view, namespace),
    ]
    .concat();
    (all.iter().copied().max().unwrap_or_default(), all.len())
}

/// Waits until then, or for ever.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// The addresses of all containers.
fn addresses(pods: &Pods) -> BTreeSet<std::net::Ipv4Addr> {
    let all = pods.values().flat_map(|observed| observed.sandboxes.iter().chain(observed.all()));
    all.filter_map(|c| c.address).collect()
}
