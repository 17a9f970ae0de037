//! The grammar of the commands that change or follow objects: `scale`, `set`, `label`, `annotate`, `wait`, `events`.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::duration;

/// Which objects of a kind that is named without names.
#[derive(Args, Debug, Default)]
pub struct Selection {
    /// A label selector, such as app=web
    #[arg(short = 'l', long)]
    pub selector: Option<String>,
    /// All objects of the named kinds in the namespace
    #[arg(long)]
    pub all: bool,
}

/// `wharf scale`.
#[derive(Args, Debug)]
pub struct Scale {
    /// What to scale: `deployment/web`, `statefulset db`
    #[arg(required = true, value_name = "TYPE/NAME")]
    pub resources: Vec<String>,
    /// The objects
    #[command(flatten)]
    pub selection: Selection,
    /// How many replicas
    #[arg(long, value_parser = clap::value_parser!(i32).range(0..))]
    pub replicas: i32,
    /// Only if there are so many now
    #[arg(long)]
    pub current_replicas: Option<i32>,
}

/// `wharf set`.
#[derive(Debug, Subcommand)]
pub enum Set {
    /// Set images: `wharf set image deployment/web web=nginx:1.27`; `*=IMAGE` for all containers
    Image(SetImage),
    /// Set environment variables: `wharf set env deployment/web COLOUR=red OLD-`
    Env(SetEnv),
    /// Set what containers may take: `wharf set resources deployment/web --limits=cpu=200m,memory=64Mi`
    Resources(SetResources),
}

/// `wharf set image`.
#[derive(Args, Debug)]
pub struct SetImage {
    /// The workloads, then `CONTAINER=IMAGE`
    #[arg(required = true, value_name = "TYPE/NAME… CONTAINER=IMAGE")]
    pub words: Vec<String>,
    /// The objects
    #[command(flatten)]
    pub selection: Selection,
}

/// `wharf set env`.
#[derive(Args, Debug)]
pub struct SetEnv {
    /// The workloads, then `NAME=VALUE` to set and `NAME-` to take away
    #[arg(required = true, value_name = "TYPE/NAME… NAME=VALUE")]
    pub words: Vec<String>,
    /// The objects
    #[command(flatten)]
    pub selection: Selection,
    /// The containers; `*` stands for any letters
    #[arg(short, long, default_value = "*")]
    pub containers: String,
    /// All keys of a config map or a secret: `configmap/settings`, `secret/keys`
    #[arg(long)]
    pub from: Option<String>,
    /// What names taken with --from begin with
    #[arg(long, requires = "from", default_value = "", hide_default_value = true)]
    pub prefix: String,
    /// Show the variables instead
    #[arg(long)]
    pub list: bool,
}

/// `wharf set resources`.
#[derive(Args, Debug)]
pub struct SetResources {
    /// The workloads
    #[arg(required = true, value_name = "TYPE/NAME")]
    pub resources: Vec<String>,
    /// The objects
    #[command(flatten)]
    pub selection: Selection,
    /// The containers; `*` stands for any letters
    #[arg(short, long, default_value = "*")]
    pub containers: String,
    /// The most that they may take: `cpu=200m,memory=64Mi`
    #[arg(long)]
    pub limits: Option<String>,
    /// What they ask for: `cpu=100m,memory=32Mi`
    #[arg(long)]
    pub requests: Option<String>,
}

/// `wharf label`.
#[derive(Args, Debug)]
pub struct Label {
    /// The objects, then `NAME=VALUE` to set and `NAME-` to take away
    #[arg(required = true, value_name = "TYPE/NAME… NAME=VALUE")]
    pub words: Vec<String>,
    /// The objects
    #[command(flatten)]
    pub selection: Selection,
    /// Replace values that are there
    #[arg(long)]
    pub overwrite: bool,
    /// Show the labels instead
    #[arg(long)]
    pub list: bool,
}

/// `wharf annotate`.
#[derive(Args, Debug)]
pub struct Annotate {
    /// The objects, then `NAME=VALUE` to set and `NAME-` to take away
    #[arg(required = true, value_name = "TYPE/NAME… NAME=VALUE")]
    pub words: Vec<String>,
    /// The objects
    #[command(flatten)]
    pub selection: Selection,
    /// Replace values that are there
    #[arg(long)]
    pub overwrite: bool,
    /// Show the annotations instead
    #[arg(long)]
    pub list: bool,
}

/// `wharf wait`.
#[derive(Args, Debug)]
pub struct Wait {
    /// What to wait for: `pod/web-0`, `deployment web`, `pods -l app=web`
    #[arg(required = true, value_name = "TYPE/NAME")]
    pub resources: Vec<String>,
    /// The objects
    #[command(flatten)]
    pub selection: Selection,
    /// For what: `condition=Available`, `condition=Ready=false`, `delete`, `create`, `jsonpath={.status.phase}=Running`
    #[arg(long = "for", value_name = "WHAT")]
    pub what: String,
    /// How long, such as 90s or 5m; 0 looks once
    #[arg(long, default_value = "30s", value_parser = duration)]
    pub timeout: Duration,
}

/// `wharf events`.
#[derive(Args, Debug)]
pub struct Events {
    /// Only those about this object: `pod/web-0`
    #[arg(long = "for", value_name = "TYPE/NAME")]
    pub about: Option<String>,
    /// Of all namespaces
    #[arg(short = 'A', long)]
    pub all_namespaces: bool,
    /// Only of these types: `Normal`, `Warning`
    #[arg(long, value_delimiter = ',')]
    pub types: Vec<String>,
    /// Go on, showing each event
    #[arg(short, long)]
    pub watch: bool,
    /// Without the line of headings
    #[arg(long)]
    pub no_headers: bool,
}
