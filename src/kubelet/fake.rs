//! A container engine in memory, for tests: containers run until they are told to end, or as their script says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::broadcast;

use super::runtime::{
    About, AttachSpec, Chunk, Container, ContainerSpec, Credentials, Error, Event, Exec, ExecSpec, Flow, Image, Later,
    Limits, LogOptions, Network, PullProgress, Reading, Runtime, State, VolumeSpec,
};
use super::volumes::{self, Orders};
use crate::api::Timestamp;

/// The engine. What a test wants of it is in the methods that are not [`Runtime`]'s.
pub struct Fake {
    world: Mutex<World>,
    events: broadcast::Sender<Event>,
    orders: Arc<Mutex<Vec<Orders>>>,
}

#[derive(Default)]
struct World {
    containers: BTreeMap<String, (ContainerSpec, Container)>,
    volumes: BTreeSet<String>,
    images: BTreeSet<String>,
    registry: BTreeSet<String>,
    /// Users by the images that nobody else may pull.
    private: BTreeMap<String, String>,
    /// What was asked of the registry, and by whom.
    pulls: Vec<String>,
    /// How far pulls are that have not come to their end.
    slow: BTreeMap<String, PullProgress>,
    exits: BTreeMap<String, Vec<i64>>,
    refusals: BTreeMap<String, String>,
    execs: Vec<(String, ExecSpec)>,
    /// The exit codes of programs run in containers, by their first word.
    codes: BTreeMap<String, i64>,
    /// Every container's log.
    log: String,
    count: u32,
    clock: Timestamp,
}

impl Default for Fake {
    fn default() -> Self {
        Self { world: Mutex::default(), events: broadcast::channel(256).0, orders: Arc::default() }
    }
}

impl Fake {
    /// An engine that has these images.
    #[must_use]
    pub fn with_images<const N: usize>(images: [&str; N]) -> Self {
        let fake = Self::default();
        fake.world().images = images.map(str::to_owned).into();
        fake
    }

    /// The image can be pulled.
    pub fn publish(&self, image: &str) {
        self.world().registry.insert(image.to_owned());
    }

    /// The image is made on the host.
    pub fn build(&self, image: &str) {
        self.world().images.insert(image.to_owned());
    }

    /// The image can be pulled by this user only.
    pub fn publish_for(&self, user: &str, image: &str) {
        self.publish(image);
        self.world().private.insert(image.to_owned(), user.to_owned());
    }

    /// All pulls, as `nginx:1 by ann`.
    #[must_use]
    pub fn pulls(&self) -> Vec<String> {
        self.world().pulls.clone()
    }

    /// The image can be pulled, but so far and no further until it is published.
    pub fn publish_slowly(&self, image: &str, progress: PullProgress) {
        self.world().slow.insert(image.to_owned(), progress);
    }

    /// Containers of this name in their pod end at once, with these codes in turn; after that they run on.
    pub fn exits(&self, role: &str, codes: &[i64]) {
        self.world().exits.insert(role.to_owned(), codes.iter().rev().copied().collect());
    }

    /// The engine refuses to start containers of this name in their pod; an empty message lifts that.
    pub fn refuse(&self, role: &str, message: &str) {
        self.world().refusals.insert(role.to_owned(), message.to_owned());
    }

    /// Programs of this name that are run in containers end with this code.
    pub fn exec_ends(&self, program: &str, code: i64) {
        self.world().codes.insert(program.to_owned(), code);
    }

    /// The programs that were run in containers, in order.
    #[must_use]
    pub fn execs(&self) -> Vec<String> {
        self.world().execs.iter().map(|(_, spec)| spec.command.join(" ")).collect()
    }

    /// This is the log of all containers.
    pub fn says(&self, log: &str) {
        log.clone_into(&mut self.world().log);
    }

    /// Ends a running container by its engine name, as a crash does.
    pub fn crash(&self, name: &str, code: i64) {
        let id = self.find(name).id;
        self.end(&id, code);
    }

    /// The container of that name.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn find(&self, name: &str) -> Container {
        let world = self.world();
        let found = world.containers.values().find(|(_, c)| c.name == name);
        found.map_or_else(|| panic!("no container {name}"), |(_, c)| c.clone())
    }

    /// What the container was created from.
    ///
    /// # Panics
    /// If there is none of that name.
    #[must_use]
    pub fn spec(&self, name: &str) -> ContainerSpec {
        let id = self.find(name).id;
        self.world().containers[&id].0.clone()
    }

    /// What sandboxes were told to do in volumes since the last time.
    #[must_use]
    pub fn orders(&self) -> Vec<Orders> {
        std::mem::take(&mut *self.orders.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// All containers, one line each: name and state.
    #[must_use]
    pub fn list(&self) -> String {
        let mut lines: Vec<_> = self.world().containers.values().map(|(_, c)| line(c)).collect();
        lines.sort();
        lines.join("\n")
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, action: &str, container: &Container) {
        let event = Event { action: action.to_owned(), labels: container.labels.clone() };
        // Nobody may be listening.
        let _ = self.events.send(event);
    }

    fn end(&self, id: &str, code: i64) {
        let mut world = self.world();
        let finished = world.tick();
        let Some((_, container)) = world.containers.get_mut(id) else { return };
        let State::Running { started } = container.state else { return };
        let (started, error) = (Some(started), String::new());
        container.state = State::Exited { started, finished, code, oom: false, error };
        self.tell("die", container);
    }

    fn launch(&self, id: &str) -> Result<(), Error> {
        let mut world = self.world();
        let started = world.tick();
        let (_, container) = world.containers.get(id).cloned().ok_or_else(|| missing(id))?;
        let role = container.role().to_owned();
        if let Some(message) = world.refusals.get(&role).filter(|m| !m.is_empty()).cloned() {
            if let Some((_, container)) = world.containers.get_mut(id) {
                let error = message.clone();
                container.state = State::Exited { started: None, finished: started, code: 128, oom: false, error };
            }
            return Err(Error::Refused(message));
        }
        let code = world.exits.get_mut(&role).and_then(Vec::pop);
        if let Some((_, container)) = world.containers.get_mut(id) {
            container.state = State::Running { started };
            self.tell("start", container);
        }
        drop(world);
        if let Some(code) = code {
            self.end(id, code);
        }
        Ok(())
    }
}

impl World {
    /// The time, later each time.
    fn tick(&mut self) -> Timestamp {
        self.clock = Timestamp::now().max(self.clock + SignedDuration::from_micros(1));
        self.clock
    }
}

fn line(container: &Container) -> String {
    let state = match &container.state {
        State::Created => "created".to_owned(),
        State::Running { .. } => "running".to_owned(),
        State::Exited { code, .. } => format!("exited {code}"),
    };
    format!("{} {state}", container.name)
}

fn missing(id: &str) -> Error {
    Error::NotFound(format!("no such container: {id}"))
}

fn ready<'a, T: Send + 'a>(value: T) -> Later<'a, T> {
    Box::pin(std::future::ready(value))
}

impl Runtime for Fake {
    fn about(&self) -> Later<'_, Result<About, Error>> {
        let about = About { version: "fake://1".to_owned(), system: "a test".to_owned(), ..About::default() };
        ready(Ok(about))
    }

    fn containers(&self) -> Later<'_, Result<Vec<Container>, Error>> {
        ready(Ok(self.world().containers.values().map(|(_, c)| c.clone()).collect()))
    }

    fn inspect<'a>(&'a self, id: &'a str) -> Later<'a, Result<Container, Error>> {
        ready(self.world().containers.get(id).map(|(_, c)| c.clone()).ok_or_else(|| missing(id)))
    }

    fn create<'a>(&'a self, spec: &'a ContainerSpec) -> Later<'a, Result<String, Error>> {
        let mut world = self.world();
        if world.containers.values().any(|(_, c)| c.name == spec.name) {
            return ready(Err(Error::Conflict(format!("the name {} is in use", spec.name))));
        }
        world.count += 1;
        let id = format!("{:012x}", world.count);
        let container = Container {
            id: id.clone(),
            name: spec.name.clone(),
            labels: spec.labels.clone(),
            image: spec.image.clone(),
            image_id: format!("sha256:{}", spec.image),
            state: State::Created,
            created: world.tick(),
            limits: spec.resources.limits,
            address: if let Network::Node(address) = spec.network { Some(address) } else { None },
        };
        world.containers.insert(id.clone(), (spec.clone(), container));
        ready(Ok(id))
    }

    fn start<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Error>> {
        ready(self.launch(id))
    }

    fn stop<'a>(&'a self, id: &'a str, _: i64) -> Later<'a, Result<(), Error>> {
        self.end(id, 143);
        ready(Ok(()))
    }

    fn resize<'a>(&'a self, id: &'a str, limits: &'a Limits) -> Later<'a, Result<(), Error>> {
        let mut world = self.world();
        let Some((_, container)) = world.containers.get_mut(id) else { return ready(Err(missing(id))) };
        container.limits = *limits;
        ready(Ok(()))
    }

    fn remove<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Error>> {
        self.end(id, 137);
        if let Some((_, container)) = self.world().containers.remove(id) {
            self.tell("destroy", &container);
        }
        ready(Ok(()))
    }

    fn image<'a>(&'a self, name: &'a str) -> Later<'a, Result<Option<Image>, Error>> {
        let image = Image { id: format!("sha256:{name}"), ..Image::default() };
        ready(Ok(self.world().images.contains(name).then_some(image)))
    }

    fn pull<'a>(
        &'a self,
        name: &'a str,
        credentials: Option<&'a Credentials>,
        told: &'a (dyn Fn(PullProgress) + Send + Sync),
    ) -> Later<'a, Result<(), Error>> {
        Box::pin(async move {
            let who = credentials.map_or("nobody", |c| c.username.as_str());
            self.world().pulls.push(format!("{name} by {who}"));
            let slow = self.world().slow.remove(name);
            if let Some(progress) = slow {
                told(progress);
                while !self.world().registry.contains(name) {
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                }
            }
            let mut world = self.world();
            if world.private.get(name).is_some_and(|user| user != who) {
                return Err(Error::Image("unauthorized: authentication required".to_owned()));
            }
            if !world.registry.contains(name) {
                return Err(Error::Image(format!("manifest for {name} not found")));
            }
            world.images.insert(name.to_owned());
            Ok(())
        })
    }

    fn exec<'a>(&'a self, id: &'a str, spec: &'a ExecSpec) -> Later<'a, Result<Exec, Error>> {
        self.world().execs.push((id.to_owned(), spec.clone()));
        let program = spec.command.first().cloned().unwrap_or_default();
        ready(Ok(Exec { id: program, input: Box::pin(tokio::io::sink()), output: stream::empty().boxed() }))
    }

    fn attach<'a>(&'a self, id: &'a str, _: AttachSpec) -> Later<'a, Result<Exec, Error>> {
        if !self.world().containers.contains_key(id) {
            return ready(Err(missing(id)));
        }
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (answers, said) = tokio::sync::mpsc::unbounded_channel();
        let heard = self.orders.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(theirs).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let Some((id, orders)) = volumes::parse(&line) else { continue };
                heard.lock().unwrap_or_else(PoisonError::into_inner).push(orders);
                // Nobody need be listening.
                let _ = answers.send(volumes::answer(id, &Ok(())));
            }
        });
        let output = stream::unfold(said, |mut said| async {
            said.recv().await.map(|text| (Ok(Chunk::Out(text.into())), said))
        });
        ready(Ok(Exec { id: id.to_owned(), input: Box::pin(ours), output: output.boxed() }))
    }

    fn exec_code<'a>(&'a self, exec: &'a str) -> Later<'a, Result<Option<i64>, Error>> {
        ready(Ok(Some(self.world().codes.get(exec).copied().unwrap_or_default())))
    }

    fn exec_resize<'a>(&'a self, _: &'a str, _: u16, _: u16) -> Later<'a, Result<(), Error>> {
        ready(Ok(()))
    }

    fn attach_resize<'a>(&'a self, _: &'a str, _: u16, _: u16) -> Later<'a, Result<(), Error>> {
        ready(Ok(()))
    }

    fn logs<'a>(&'a self, _: &'a str, _: &'a LogOptions) -> Later<'a, Result<Flow<Result<Chunk, Error>>, Error>> {
        let chunks = Some(self.world().log.clone()).filter(|l| !l.is_empty()).map(|l| Ok(Chunk::Out(l.into())));
        ready(Ok(stream::iter(chunks).boxed()))
    }

    /// Each container keeps a tenth of a core busy.
    fn usage<'a>(&'a self, _: &'a str) -> Later<'a, Result<Reading, Error>> {
        let at = Timestamp::now();
        let cpu = u64::try_from(at.as_nanosecond() / 10).unwrap_or_default();
        ready(Ok(Reading { at, cpu, memory: 1 << 20 }))
    }

    fn events(&self) -> Later<'_, Result<Flow<Result<Event, Error>>, Error>> {
        let receiver = self.events.subscribe();
        let flow = stream::unfold(receiver, |mut r| async { r.recv().await.ok().map(|e| (Ok(e), r)) });
        ready(Ok(flow.boxed()))
    }

    fn create_volume<'a>(&'a self, spec: &'a VolumeSpec) -> Later<'a, Result<(), Error>> {
        self.world().volumes.insert(spec.name.clone());
        ready(Ok(()))
    }

    fn copy_image<'a>(&'a self, image: &'a str, spec: &'a VolumeSpec) -> Later<'a, Result<(), Error>> {
        let mut world = self.world();
        if !world.images.iter().any(|name| format!("sha256:{name}") == image) {
            return ready(Err(Error::Image(format!("no such image: {image}"))));
        }
        world.volumes.insert(spec.name.clone());
        ready(Ok(()))
    }

    fn remove_volume<'a>(&'a self, name: &'a str) -> Later<'a, Result<(), Error>> {
        self.world().volumes.remove(name);
        ready(Ok(()))
    }

    fn volumes(&self) -> Later<'_, Result<Vec<String>, Error>> {
        ready(Ok(self.world().volumes.iter().cloned().collect()))
    }
}
