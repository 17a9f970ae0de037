//! The command line's grammar.

mod apply;
mod change;
mod create;
mod explain;
mod rollout;
mod top;

use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use apply::{Apply, Diff, DryRun, Files, Sets};
pub use change::{Annotate, Events, Label, Scale, Selection, Set, SetResources, Wait};
pub use create::{Create, CreateDockerRegistry, CreateSecret, CreateTls, Sources, Written};
pub use explain::{Explain, ExplainOutput};
pub use rollout::{History, Rollout, RolloutStatus, Targets};
pub use top::Top;

/// Runs genuine Kubernetes manifests on a plain Docker host.
#[derive(Debug, Parser)]
#[command(name = "wharf", version, disable_help_subcommand = true, max_term_width = 100)]
pub struct Cli {
    /// The node: one installation of wharf on a Docker host
    #[arg(long, env = "WHARF_NODE", hide_env_values = true, default_value = "wharf", global = true)]
    pub node: String,
    /// The namespace of what is named without one
    #[arg(short, long, default_value = "default", global = true)]
    pub namespace: String,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the node run what the manifests say, and wait until it does
    Apply(Apply),
    /// Show what an apply would change, field by field, and what would become of which pods
    ///
    /// Exits 0 if nothing would change, 1 if something would, and above 1 on errors.
    Diff(Diff),
    /// Delete what the manifests, or the arguments, name
    Delete(Delete),
    /// Show objects
    Get(Get),
    /// Show everything about objects, with their events
    Describe(Describe),
    /// Show what containers wrote
    Logs(Logs),
    /// Run a program in a container
    Exec(Exec),
    /// Look after the rollout of a Deployment, StatefulSet or DaemonSet
    #[command(subcommand)]
    Rollout(Rollout),
    /// Set how many replicas a workload has
    Scale(Scale),
    /// Set images, environment or resources of a workload
    #[command(subcommand)]
    Set(Set),
    /// Wait for a condition, a value, or the end of objects
    Wait(Wait),
    /// Show what happened, oldest first
    Events(Events),
    /// Set labels of objects
    Label(Label),
    /// Set annotations of objects
    Annotate(Annotate),
    /// Create a config map or a secret from files and values
    #[command(subcommand)]
    Create(Create),
    /// Show a container's resolved environment, in the form that `docker run --env-file` takes
    Env(Env),
    /// Show what pods or the node use of cpu and memory
    #[command(subcommand)]
    Top(Top),
    /// Open the node's API on the Docker host, and give kubectl a context for it
    Kubeconfig(Kubeconfig),
    /// Run your own kubectl against the node
    Kubectl(Kubectl),
    /// Bring the node up on the Docker host (`apply` does so too)
    Up(Up),
    /// Show how the node is
    Status,
    /// Take the node down: its containers, network and image; volumes with data are kept
    Down(Down),
    /// Show the versions of wharf and the node
    Version(Version),
    /// Show the fields of a kind, and what wharf does with them
    Explain(Explain),
    /// Write a completion script for a shell
    Completion(Completion),
    /// The agent of a node, in its container
    #[command(hide = true)]
    Agent,
    /// The programs in wharf's own image
    #[command(flatten)]
    Program(crate::programs::Program),
}

/// `wharf delete`.
#[derive(Args, Debug)]
pub struct Delete {
    /// Where the manifests are
    #[command(flatten)]
    pub files: Files,
    /// What to delete: `pod web-0`, `deployment/web service/web`
    pub resources: Vec<String>,
    /// A label selector, such as app=web
    #[arg(short = 'l', long)]
    pub selector: Option<String>,
    /// All objects of the named kinds in the namespace
    #[arg(long)]
    pub all: bool,
    /// Return when all is gone (the default), or at once
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub wait: bool,
    /// How long to wait, such as 90s or 5m
    #[arg(long, default_value = "5m", value_parser = duration)]
    pub timeout: Duration,
    /// Seconds that pods have to end; the pod's own where it is left out
    #[arg(long)]
    pub grace_period: Option<i64>,
    /// What becomes of what the objects own: it goes too, before them (the default), after them, or stays
    #[arg(long, value_name = "HOW")]
    pub cascade: Option<Cascade>,
    /// What is not there is no error
    #[arg(long)]
    pub ignore_not_found: bool,
}

/// What becomes of what a deleted object owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Cascade {
    /// The object goes at once, what it owns after it.
    Background,
    /// What it owns goes first.
    Foreground,
    /// What it owns stays.
    Orphan,
}

/// How objects are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// A table with more columns
    Wide,
    /// YAML
    Yaml,
    /// JSON
    Json,
    /// `kind/name`
    Name,
}

/// `wharf get`.
#[derive(Args, Debug)]
pub struct Get {
    /// What to show: `pods`, `pod web-0`, `deployment/web`, `pods,services`, `all`
    #[arg(required = true)]
    pub resources: Vec<String>,
    /// How to show it
    #[arg(short, long)]
    pub output: Option<Output>,
    /// A label selector, such as app=web
    #[arg(short = 'l', long)]
    pub selector: Option<String>,
    /// A field selector, such as status.phase=Running
    #[arg(long)]
    pub field_selector: Option<String>,
    /// Of all namespaces
    #[arg(short = 'A', long)]
    pub all_namespaces: bool,
    /// Go on, showing each change
    #[arg(short, long)]
    pub watch: bool,
    /// Without the line of headings
    #[arg(long)]
    pub no_headers: bool,
}

/// `wharf describe`.
#[derive(Args, Debug)]
pub struct Describe {
    /// What to describe: `pod web-0`, `deployment/web`, `services`
    #[arg(required = true)]
    pub resources: Vec<String>,
    /// A label selector, such as app=web
    #[arg(short = 'l', long)]
    pub selector: Option<String>,
}

/// `wharf logs`.
#[derive(Args, Debug)]
pub struct Logs {
    /// Pods, or workloads for all of their pods: `web-0`, `deployment/web`
    pub resources: Vec<String>,
    /// The container, where a pod has several
    #[arg(short, long)]
    pub container: Option<String>,
    /// Pods by a label selector, such as app=web
    #[arg(short = 'l', long)]
    pub selector: Option<String>,
    /// Go on as the logs grow
    #[arg(short, long)]
    pub follow: bool,
    /// What the container wrote before it was restarted
    #[arg(short, long)]
    pub previous: bool,
    /// Only the last so many lines
    #[arg(long)]
    pub tail: Option<u64>,
    /// Only what is younger than this, such as 10m
    #[arg(long, value_parser = duration)]
    pub since: Option<Duration>,
    /// With the time of each line
    #[arg(long)]
    pub timestamps: bool,
}

/// `wharf exec`.
#[derive(Args, Debug)]
pub struct Exec {
    /// The pod, or a workload for its first pod
    pub pod: String,
    /// The container, where the pod has several
    #[arg(short, long)]
    pub container: Option<String>,
    /// Send standard input
    #[arg(short = 'i', long)]
    pub stdin: bool,
    /// Give the program a terminal
    #[arg(short, long)]
    pub tty: bool,
    /// Program and arguments
    #[arg(last = true, required = true)]
    pub command: Vec<String>,
}

/// `wharf env`.
#[derive(Args, Debug)]
pub struct Env {
    /// The pod
    pub pod: String,
    /// The container, where the pod has several
    #[arg(short, long)]
    pub container: Option<String>,
}

/// `wharf kubeconfig`.
#[derive(Args, Debug)]
pub struct Kubeconfig {
    /// The host's address that the API listens on [default: 127.0.0.1]
    #[arg(long)]
    pub bind: Option<Ipv4Addr>,
    /// The host's port [default: 6443]
    #[arg(long)]
    pub port: Option<u16>,
    /// The name of the context; the node's where it is left out
    #[arg(long)]
    pub context: Option<String>,
    /// The file; the first of KUBECONFIG, or ~/.kube/config, where it is left out
    #[arg(long)]
    pub file: Option<PathBuf>,
    /// Write to standard output, and touch no file
    #[arg(long, conflicts_with_all = ["file", "remove"])]
    pub print: bool,
    /// Take the context out of the file and close the port
    #[arg(long)]
    pub remove: bool,
}

/// `wharf kubectl`.
#[derive(Args, Debug)]
pub struct Kubectl {
    /// What kubectl is told
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    pub arguments: Vec<OsString>,
}

/// Settings of a node; the node keeps them.
#[derive(Args, Debug, Default)]
pub struct NodeOptions {
    /// The node's range of addresses, a /16; a free one where it is left out
    #[arg(long)]
    pub subnet: Option<String>,
    /// The host's address that ports are published on; all addresses where it is left out
    #[arg(long)]
    pub bind: Option<String>,
    /// The host's port for ingress by HTTP [default: 80]
    #[arg(long)]
    pub http_port: Option<u16>,
    /// The host's port for ingress by HTTPS [default: 443]
    #[arg(long)]
    pub https_port: Option<u16>,
    /// The nginx image for ingress [default: nginx:1.27]
    #[arg(long)]
    pub ingress_image: Option<String>,
    /// Unsafe kernel parameters that pods may set, such as `kernel.msg*,net.core.somaxconn`
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub allowed_unsafe_sysctls: Option<Vec<String>>,
}

/// `wharf up`.
#[derive(Args, Debug)]
pub struct Up {
    /// The settings
    #[command(flatten)]
    pub node: NodeOptions,
}

/// `wharf down`.
#[derive(Args, Debug)]
pub struct Down {
    /// Remove the volumes too, with all data
    #[arg(long)]
    pub volumes: bool,
}

/// `wharf version`.
#[derive(Args, Debug)]
pub struct Version {
    /// Only this program's, without asking the node
    #[arg(long)]
    pub client: bool,
}

/// `wharf completion`.
#[derive(Args, Debug)]
pub struct Completion {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// Durations as Go writes them: `90s`, `5m`, `1h30m`, `500ms`; a bare number is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let bad = || format!("\"{text}\" is not a duration such as 90s or 5m");
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
        let number: u32 = rest[..digits].parse().map_err(|_| bad())?;
        let unit = &rest[digits..];
        let (length, one) = match unit {
            _ if unit.starts_with("ms") => (2, Duration::from_millis(1)),
            _ if unit.starts_with('s') => (1, Duration::from_secs(1)),
            _ if unit.starts_with('m') => (1, Duration::from_mins(1)),
            _ if unit.starts_with('h') => (1, Duration::from_hours(1)),
            _ => return Err(bad()),
        };
        total += one * number;
        rest = &unit[length..];
    }
    Ok(total)
}
