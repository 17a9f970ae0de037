//! A node for one test: an agent on an engine in memory, and the command line in front of it.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, process};

use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::process::Command;
use tokio::task::JoinHandle;
use wharf::agent::{Parts, run};
use wharf::docker::Settings;

use crate::fake::Fake;

/// The bound of whatever a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a command did.
pub struct Done {
    /// Its exit code.
    pub code: i32,
    /// What it wrote to standard output.
    pub out: String,
    /// What it wrote to standard error.
    pub err: String,
}

impl Done {
    /// Holds the exit code to what is expected.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}stderr:\n{}", self.out, self.err);
        self
    }
}

/// An agent and the folder of its state and socket.
pub struct Node {
    pub engine: Arc<Fake>,
    folder: PathBuf,
    agent: JoinHandle<anyhow::Result<()>>,
}

impl Node {
    /// A node whose engine has the images `web:1`, `web:2` and wharf's own.
    pub async fn start() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("wharf-whole-{}-{number}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let engine = Arc::new(Fake::with_images(["wharf:test", "web:1", "web:2"]));
        let mut node = Self { agent: tokio::spawn(async { Ok(()) }), engine, folder };
        node.run().await;
        node
    }

    /// Ends the agent without a word, as a crash does, and starts another one on the same state and engine.
    pub async fn restart(&mut self) {
        self.agent.abort();
        let _ = (&mut self.agent).await;
        self.run().await;
    }

    async fn run(&mut self) {
        let settings = Settings {
            node: "test".to_owned(),
            image: "wharf:test".to_owned(),
            subnet: "10.201.0.0/16".parse().unwrap(),
            bind: String::new(),
            http: 80,
            https: 443,
            ingress_image: None,
            sysctls: Vec::new(),
        };
        let (state, socket) = (self.folder.clone(), self.folder.join("api.sock"));
        let _ = fs::remove_file(&socket);
        self.agent = tokio::spawn(run(Parts { settings, state, socket, runtime: self.engine.clone(), network: false }));
        let end = Instant::now() + PATIENCE;
        while UnixStream::connect(self.folder.join("api.sock")).await.is_err() {
            assert!(!self.agent.is_finished(), "{:?}", (&mut self.agent).await);
            assert!(Instant::now() < end, "the agent does not listen");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The command line against this node, in the node's folder.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = wharf(arguments);
        command
            .env("WHARF_SOCKET", self.folder.join("api.sock"))
            .env("HOME", &self.folder)
            .current_dir(&self.folder)
            .kill_on_drop(true);
        command
    }

    /// Runs `wharf` with arguments parted by blanks.
    pub async fn wharf(&self, arguments: &str) -> Done {
        finish(self.command(arguments)).await
    }

    /// The names of a namespace's ConfigMaps, one a line, but for the one that every namespace has.
    pub async fn configs(&self, arguments: &str) -> String {
        let all = self.wharf(&format!("get cm -o name {arguments}")).await.out;
        all.replace("configmap/kube-root-ca.crt\n", "")
    }

    /// Runs `wharf` with this standard input.
    pub async fn pipe(&self, arguments: &str, input: &str) -> Done {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
        done(&child.wait_with_output().await.unwrap())
    }

    /// Writes a file into the node's folder.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What a command shows, once that is as wanted.
    pub async fn eventually(&self, arguments: &str, wanted: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let done = self.wharf(arguments).await;
            if wanted(&done.out) {
                return done.out;
            }
            assert!(Instant::now() < end, "wharf {arguments} shows\n{}{}", done.out, done.err);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.agent.abort();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The built binary, without anything of the environment that it heeds.
pub fn wharf(arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wharf"));
    command.args(arguments.split_whitespace()).stdin(Stdio::null());
    for name in
        ["WHARF_NODE", "WHARF_SOCKET", "DOCKER_HOST", "DOCKER_CONTEXT", "COLUMNS", "KUBECONFIG", "XDG_RUNTIME_DIR"]
    {
        command.env_remove(name);
    }
    command
}

/// Runs a command to its end.
pub async fn finish(mut command: Command) -> Done {
    done(&tokio::time::timeout(PATIENCE * 2, command.output()).await.unwrap().unwrap())
}

fn done(output: &process::Output) -> Done {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Done { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
}

/// A Deployment and a Service of one name.
pub fn app(name: &str, replicas: u32, image: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{terminationGracePeriodSeconds: 1, containers: [{{name: web, image: '{image}'}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{selector: {{app: {name}}}, ports: [{{port: 80}}]}}
"
    )
}

/// A ConfigMap.
pub fn config(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{a: '1'}}\n")
}
