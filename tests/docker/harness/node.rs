//! A node of one scenario alone.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;

use serde_json::Value;

use super::turn::Turn;
use super::{Ran, ports};

/// Seconds after which a command of wharf's is ended: none may take so long.
const LONGEST: &str = "240";

/// A node of one scenario alone; it is taken down when this is dropped.
pub struct Node {
    /// The node's name: that of its container, network and bridge, and the first part of many others.
    pub name: String,
    /// The host's port of the ingress for HTTP.
    pub http_port: u16,
    /// The host's port of the ingress for HTTPS.
    pub https_port: u16,
    pub(super) engine: Option<String>,
    pub(super) transcript: Mutex<String>,
    began: Instant,
    _turn: Option<Turn>,
}

impl Node {
    /// Waits for the scenario's turn; nothing is made yet.
    pub fn new(what: &str) -> Self {
        Self::of(what, None, Some(Turn::wait()))
    }

    /// The same on another engine, a value of `DOCKER_HOST`.
    pub fn on(engine: &str, what: &str) -> Self {
        Self::of(what, Some(engine.to_owned()), Some(Turn::wait()))
    }

    /// A node that is up.
    #[track_caller]
    pub fn up(what: &str) -> Self {
        let node = Self::new(what);
        node.bring_up();
        node
    }

    /// A second node in the same scenario, on the same engine; nothing is made yet.
    pub fn sibling(&self, what: &str) -> Self {
        Self::of(what, self.engine.clone(), None)
    }

    fn of(what: &str, engine: Option<String>, turn: Option<Turn>) -> Self {
        let node = Self {
            name: format!("t-{}-{what}", std::process::id()),
            http_port: ports::free(),
            https_port: ports::free(),
            engine,
            transcript: Mutex::default(),
            began: Instant::now(),
            _turn: turn,
        };
        let told = node.try_docker(&["version", "--format", "{{.Server.Version}}"]);
        assert_eq!(told.code, 0, "these scenarios need a Docker engine, and there is none:\n{told}");
        node
    }

    /// `wharf up` with this node's ports.
    #[track_caller]
    pub fn bring_up(&self) {
        self.wharf(&["up", "--http-port", &self.http_port.to_string(), "--https-port", &self.https_port.to_string()])
            .ok();
    }

    /// A free port of the host, another one each time.
    pub fn port(&self) -> u16 {
        ports::free()
    }

    /// wharf with arguments, for this node, not yet run.
    pub fn wharf_command(&self, args: &[&str]) -> Command {
        let bin =
            std::env::var_os("WHARF_BIN").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_wharf")), PathBuf::from);
        let mut command = Command::new("timeout");
        command.args(["-k", "5", LONGEST]).arg(bin).args(args).env("WHARF_NODE", &self.name);
        if let Some(engine) = &self.engine {
            command.env("DOCKER_HOST", engine);
        }
        command
    }

    /// Runs wharf.
    pub fn wharf(&self, args: &[&str]) -> Ran {
        self.wharf_with(args, "")
    }

    /// Runs wharf with a standard input.
    pub fn wharf_with(&self, args: &[&str], stdin: &str) -> Ran {
        let ran = Ran::of(&mut self.wharf_command(args), stdin);
        self.note(&ran.to_string());
        ran
    }

    /// `wharf apply` of these manifests, which must succeed; what it told.
    #[track_caller]
    pub fn apply(&self, yaml: &str) -> String {
        let ran = self.try_apply(yaml, &[]);
        assert_eq!(ran.code, 0, "{ran}");
        ran.err
    }

    /// `wharf apply` of these manifests, with more arguments.
    pub fn try_apply(&self, yaml: &str, args: &[&str]) -> Ran {
        let (http, https) = (self.http_port.to_string(), self.https_port.to_string());
        let first = ["apply", "-f", "-", "--http-port", &http, "--https-port", &https];
        self.wharf_with(&[&first, args].concat(), yaml)
    }

    /// The object that `wharf get` gives for these words (`deployment web -n shop`).
    #[track_caller]
    pub fn get(&self, words: &str) -> Value {
        let args: Vec<&str> = std::iter::once("get").chain(words.split(' ')).chain(["-o", "json"]).collect();
        serde_json::from_str(&self.wharf(&args).ok()).unwrap()
    }

    /// The objects that `wharf get` gives for these words (`pods -l app=web`).
    #[track_caller]
    pub fn list(&self, words: &str) -> Vec<Value> {
        self.get(words)["items"].as_array().unwrap_or_else(|| panic!("{words} is no list")).clone()
    }

    /// The names of the objects that `wharf get` gives for these words.
    #[track_caller]
    pub fn names(&self, words: &str) -> Vec<String> {
        let name = |object: &Value| object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        self.list(words).iter().map(name).collect()
    }

    /// The address of a Service in `default`.
    #[track_caller]
    pub fn service_address(&self, name: &str) -> String {
        let service = self.get(&format!("service {name}"));
        service["spec"]["clusterIP"].as_str().unwrap_or_else(|| panic!("{service}")).to_owned()
    }

    /// Adds to the transcript.
    pub fn note(&self, text: &str) {
        let mut transcript = self.transcript.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let seconds = self.began.elapsed().as_secs_f32();
        transcript.push_str(&format!("[{seconds:.1}] {text}\n"));
    }
}
