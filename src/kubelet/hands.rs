//! What the kubelet works with: the engine, the API, the prober, and what all pods share.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use tokio::sync::Semaphore;

use super::address::Addresses;
use super::images::Pulls;
use super::machine::Machine;
use super::probes::Prober;
use super::runtime::{About, Later, Runtime};
use super::sandbox::Place;
use super::volumes::{Ask, Token, TokenRequest};
use crate::api::{Object, Plan, Ranges, Timestamp};

/// More starts at once only make each of them slower: twice the cores of a small machine.
const STARTS: usize = 4;

/// What the kubelet is told when it starts.
#[derive(Clone, Debug)]
pub struct Config {
    /// The node's name.
    pub node: String,
    /// wharf's own image, which sandboxes run.
    pub image: String,
    /// The node's addresses.
    pub ranges: Ranges,
    /// Where the state volume is mounted.
    pub state_root: PathBuf,
    /// Unsafe kernel parameters that pods may set; `*` at the end stands for all that begin so.
    pub sysctls: Vec<String>,
}

/// Carries a plan out on the API and returns the highest revision that it wrote.
pub type Tell = Arc<dyn Fn(Plan) -> Later<'static, u64> + Send + Sync>;

/// What the kubelet has of the API beside its objects.
#[derive(Clone)]
pub struct Api {
    /// Carries plans out.
    pub tell: Tell,
    /// Gives tokens.
    pub ask: Ask,
}

/// What the kubelet works with.
pub struct Hands {
    /// The container engine.
    pub runtime: Arc<dyn Runtime>,
    /// Watches over running containers.
    pub prober: Prober,
    /// What the kubelet was told.
    pub config: Config,
    /// The machine.
    pub machine: Machine,
    /// What the engine last said of itself.
    pub about: ArcSwap<About>,
    /// Held while a container is created and started.
    pub starts: Semaphore,
    /// Who has which address.
    pub addresses: Mutex<Addresses>,
    /// The pulls under way.
    pub pulls: Pulls,
    api: Api,
}

impl Hands {
    /// Hands with nothing in them yet.
    pub fn new(runtime: Arc<dyn Runtime>, config: Config, machine: Machine, api: Api) -> Self {
        let prober = Prober::new(runtime.clone());
        let (starts, addresses, pulls) = (Semaphore::new(STARTS), Mutex::default(), Pulls::default());
        Self { about: ArcSwap::default(), runtime, prober, config, machine, starts, addresses, pulls, api }
    }

    /// Carries a plan out on the API and returns the highest revision that it wrote.
    pub async fn tell(&self, plan: Plan) -> u64 {
        (self.api.tell)(plan).await
    }

    /// Asks the API for a token.
    ///
    /// # Errors
    /// Why it gives none, in words.
    pub async fn token(&self, request: TokenRequest) -> Result<Token, String> {
        (self.api.ask)(request).await
    }

    /// Records an event of type `Normal`.
    pub async fn event<T: Object>(&self, about: &T, reason: &str, message: String) {
        let mut plan = Plan::nothing();
        plan.event(about, reason, message);
        self.tell(plan).await;
    }

    /// Records an event of type `Warning`.
    pub async fn warn<T: Object>(&self, about: &T, reason: &str, message: String) {
        let mut plan = Plan::nothing();
        plan.warn(about, reason, message);
        self.tell(plan).await;
    }

    /// Where sandboxes are created.
    pub fn place(&self) -> Place<'_> {
        Place { node: &self.config.node, image: &self.config.image, dns: self.config.ranges.node }
    }

    /// The pod needs its address no more.
    pub fn release(&self, uid: &str) {
        self.lock_addresses().release(uid, Timestamp::now());
    }

    /// The addresses, whoever failed while holding them: each change of them is whole.
    pub fn lock_addresses(&self) -> std::sync::MutexGuard<'_, Addresses> {
        self.addresses.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
