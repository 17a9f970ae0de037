//! The kubelet's loop: gives each pod its worker, and wakes the workers whom a change concerns.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{
    ConfigMap, Node, PersistentVolume, PersistentVolumeClaim, Pod, Secret, ServiceAccount,
};
use k8s_openapi::api::node::v1::RuntimeClass;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;

use super::background::Background;
use super::follow::{Happened, follow};
use super::hands::{Api, Config, Hands, Tell};
use super::machine::Machine;
use super::observe::Observed;
use super::observer::Observer;
use super::runtime::Runtime;
use super::sync::Urgency;
use super::worker::{Notes, Worker};
use super::{ask, evict, image_volumes, node, orphans, reclaim, volumes};
use crate::api::names::SYSTEM_NAMESPACE;
use crate::api::{Key, Kind, Object, Plan, Timestamp, View};
use crate::client::{self, Client, Informer};

/// How often everything is looked at without a cause.
const RESYNC: Duration = Duration::from_mins(1);

/// Shows the newest view that somebody who leads connections to pods goes by: the kernel's rules, or nginx.
pub type Followed = watch::Receiver<Arc<View>>;

/// A running kubelet; it ends when this is dropped, and leaves all containers as they are.
pub struct Kubelet {
    task: JoinHandle<()>,
    observer: Observer,
}

impl Kubelet {
    /// The kinds that the informer must follow.
    #[must_use]
    pub fn kinds() -> Vec<&'static Kind> {
        vec![
            Kind::of::<Node>(),
            Kind::of::<Pod>(),
            Kind::of::<ConfigMap>(),
            Kind::of::<Secret>(),
            Kind::of::<ServiceAccount>(),
            Kind::of::<k8s_openapi::api::core::v1::Service>(),
            Kind::of::<PersistentVolume>(),
            Kind::of::<PersistentVolumeClaim>(),
            Kind::of::<RuntimeClass>(),
        ]
    }

    /// Starts to run the node's pods. The informer must follow [`Kubelet::kinds`]. A deleted pod's containers are stopped
    /// when what is `followed` leads nobody to them any more.
    #[must_use]
    pub fn start(
        client: Client,
        informer: Informer,
        runtime: Arc<dyn Runtime>,
        config: Config,
        followed: Vec<Followed>,
    ) -> Self {
        let ask = ask::ask(&client);
        let tell: Tell = Arc::new(move |plan: Plan| {
            let client = client.clone();
            Box::pin(async move { client::apply(&client, "kubelet", &plan, Timestamp::now()).await.written })
        });
        let observer = Observer::start(runtime.clone());
        let machine = read_machine(&config);
        let hands = Arc::new(Hands::new(runtime, config, machine, Api { tell, ask }));
        let (ended, ends) = mpsc::unbounded_channel();
        let evictions = evict::run(hands.clone(), informer.clone());
        let shown = observer.clone();
        let room = Room { hands, informer, observer, followed, workers: BTreeMap::new(), ended, engine: Ok(()) };
        let task = tokio::spawn(async move {
            tokio::select! {
                () = room.run(ends) => {}
                () = evictions => {}
            }
        });
        Self { task, observer: shown }
    }

    /// Shows what the engine has.
    #[must_use]
    pub fn observer(&self) -> Observer {
        self.observer.clone()
    }
}

impl Drop for Kubelet {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The loop's state.
struct Room {
    hands: Arc<Hands>,
    informer: Informer,
    observer: Observer,
    followed: Vec<Followed>,
    /// By the uids of pods.
    workers: BTreeMap<String, Handle>,
    ended: mpsc::UnboundedSender<String>,
    /// Whether the engine answers.
    engine: Result<(), String>,
}

/// How a worker is reached. Dropping it ends the worker.
struct Handle {
    key: Key,
    wake: Arc<Notify>,
    urgency: watch::Sender<Urgency>,
    task: JoinHandle<()>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Room {
    async fn run(mut self, mut ends: mpsc::UnboundedReceiver<String>) {
        let mut changes = self.informer.changes();
        let mut happens = follow(self.hands.runtime.clone());
        let mut judged = self.hands.prober.changed();
        let mut led = moves(&self.followed);
        let mut resync = tokio::time::interval(RESYNC);
        self.ask_engine().await;
        self.keep_node().await;
        loop {
            tokio::select! {
                Some(key) = changes.recv() => self.changed(&key).await,
                Some(happened) = happens.recv() => self.happened(happened).await,
                Some(uid) = judged.recv() => self.wake(|handle_uid, _| handle_uid == uid),
                Some(()) = led.recv() => self.let_go(),
                Some(uid) = ends.recv() => {
                    self.workers.remove(&uid);
                    // It may have been the last one that held a volume.
                    self.reclaim().await;
                }
                _ = resync.tick() => {
                    self.keep_node().await;
                    self.wake(|_, _| true);
                    self.sweep().await;
                }
                else => return,
            }
        }
    }

    /// An object changed.
    async fn changed(&mut self, key: &Key) {
        let kind = key.kind;
        if kind == Kind::of::<Pod>() {
            self.pod_changed(key);
        } else if kind == Kind::of::<Node>() {
            self.keep_node().await;
        } else if kind == Kind::of::<PersistentVolume>() {
            self.wake(|_, _| true);
            self.reclaim().await;
        } else if configures(kind) {
            // Those of the node's own namespace may hold credentials for the images of all.
            self.wake(|_, pod| pod.namespace == key.namespace || key.namespace == SYSTEM_NAMESPACE);
        }
    }

    fn pod_changed(&mut self, key: &Key) {
        let view = self.informer.view();
        let pod = view.get::<Pod>(&key.namespace, &key.name);
        for (uid, handle) in self.workers.iter().filter(|(_, handle)| handle.key == *key) {
            let pod = pod.filter(|p| p.uid() == uid);
            let urgency = pod.map(|p| p.metadata.deletion_timestamp.as_ref().map(|t| t.0));
            handle.urgency.send_if_modified(|old| std::mem::replace(old, urgency) != urgency);
            handle.wake.notify_one();
        }
        let node = &self.hands.config.node;
        let ours = pod.filter(|p| p.spec.as_ref().is_some_and(|s| s.node_name.as_ref() == Some(node)));
        if let Some(pod) = ours.filter(|p| !self.workers.contains_key(p.uid())) {
            let uid = pod.uid().to_owned();
            let handle = self.hire(key, uid.clone(), pod.metadata.deletion_timestamp.as_ref().map(|t| t.0));
            self.workers.insert(uid, handle);
        }
    }

    /// A worker for a pod.
    fn hire(&self, key: &Key, uid: String, deadline: Option<Timestamp>) -> Handle {
        let wake = Arc::new(Notify::new());
        let (urgency, receiver) = watch::channel(Some(deadline));
        let worker = Worker {
            hands: self.hands.clone(),
            informer: self.informer.clone(),
            observer: self.observer.clone(),
            followed: self.followed.clone(),
            key: key.clone(),
            uid: uid.clone(),
            wake: wake.clone(),
            urgency: receiver,
            background: Background::new(wake.clone()),
            notes: Notes::default(),
        };
        let ended = self.ended.clone();
        let task = tokio::spawn(async move {
            worker.run().await;
            // Without a loop there is nobody to tell.
            let _ = ended.send(uid);
        });
        Handle { key: key.clone(), wake, urgency, task }
    }

    async fn happened(&mut self, happened: Happened) {
        match happened {
            Happened::Pod(uid) if self.workers.contains_key(&uid) => self.wake(|handle_uid, _| handle_uid == uid),
            Happened::Pod(_) => {}
            Happened::Connected => {
                self.engine = Ok(());
                self.ask_engine().await;
                self.keep_node().await;
                self.wake(|_, _| true);
                self.sweep().await;
            }
            Happened::Lost(error) => {
                tracing::warn!(error, "the container engine's events are lost");
                self.engine = Err(error);
                self.keep_node().await;
            }
        }
    }

    fn wake(&self, whom: impl Fn(&str, &Key) -> bool) {
        for (_, handle) in self.workers.iter().filter(|(uid, handle)| whom(uid, &handle.key)) {
            handle.wake.notify_one();
        }
    }

    /// Who leads connections to pods leads some of them elsewhere now: deleted pods may be waiting for that.
    fn let_go(&self) {
        for handle in self.workers.values().filter(|handle| matches!(*handle.urgency.borrow(), Some(Some(_)))) {
            handle.wake.notify_one();
        }
    }

    /// Learns what the engine is: it may be another one after a restart.
    async fn ask_engine(&self) {
        match self.hands.runtime.about().await {
            Ok(about) => self.hands.about.store(Arc::new(about)),
            Err(error) => tracing::warn!(%error, "the container engine does not say what it is"),
        }
    }

    /// Keeps the Node object as the machine is.
    async fn keep_node(&self) {
        let config = &self.hands.config;
        let host = node::Host { machine: &read_machine(config), about: &self.hands.about.load() };
        let plan = node::plan(&self.informer.view(), config, host, self.engine.clone(), Timestamp::now());
        if !plan.steps.is_empty() {
            self.hands.tell(plan).await;
        }
    }

    /// Lets deleted volumes go.
    async fn reclaim(&self) {
        orphans::reclaim(&self.hands, reclaim::find(&self.informer.view())).await;
    }

    /// Removes what is left of pods and volumes that are no more.
    async fn sweep(&self) {
        self.reclaim().await;
        if let Err(error) = image_volumes::sweep(&self.hands, &self.informer.view()).await {
            tracing::warn!(%error, "copies of images stay");
        }
        let pods = match self.observer.now().await {
            Ok(pods) => pods,
            Err(error) => return tracing::warn!(%error, "can't look for what pods left behind"),
        };
        let workers = self.workers.keys().cloned().collect();
        let remembered = volumes::remembered(&self.hands.config.state_root);
        for uid in orphans::find(&self.informer.view(), &pods, &remembered, &workers) {
            let none = Observed::default();
            if let Err(error) = orphans::clean(&self.hands, &uid, pods.get(&uid).unwrap_or(&none)).await {
                tracing::warn!(uid, %error, "what a pod left behind stays");
            }
        }
    }
}

/// Whether pods refer to objects of this kind.
fn configures(kind: &Kind) -> bool {
    let secret = [Kind::of::<Secret>(), Kind::of::<ServiceAccount>()].contains(&kind);
    secret || [Kind::of::<ConfigMap>(), Kind::of::<PersistentVolumeClaim>()].contains(&kind)
}

fn read_machine(config: &Config) -> Machine {
    Machine::read(Path::new("/proc"), &config.state_root)
}

/// Tells when one of them has moved on.
fn moves(followed: &[Followed]) -> mpsc::UnboundedReceiver<()> {
    let (sender, receiver) = mpsc::unbounded_channel();
    for mut one in followed.iter().cloned() {
        let sender = sender.clone();
        tokio::spawn(async move { while one.changed().await.is_ok() && sender.send(()).is_ok() {} });
    }
    receiver
}

#[cfg(test)]
mod tests;
