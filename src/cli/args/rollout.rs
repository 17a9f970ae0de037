//! The grammar of `wharf rollout`.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::duration;

/// `wharf rollout`.
#[derive(Debug, Subcommand)]
pub enum Rollout {
    /// Show how far the newest rollout is, until it is done
    Status(RolloutStatus),
    /// Show the revisions that there were
    History(History),
    /// Go back to an earlier revision
    Undo(Undo),
    /// Replace all pods, one after another
    Restart(Targets),
    /// Stop rolling changes out, until resumed
    Pause(Targets),
    /// Roll out what changed during the pause
    Resume(Targets),
}

/// Workloads by name, or those of a kind.
#[derive(Args, Debug)]
pub struct Targets {
    /// What it is about: `deployment/web`, `deployment web`; without a name all of the kind
    #[arg(required = true, value_name = "TYPE/NAME")]
    pub resources: Vec<String>,
    /// A label selector, such as app=web
    #[arg(short = 'l', long)]
    pub selector: Option<String>,
}

/// `wharf rollout status`.
#[derive(Args, Debug)]
pub struct RolloutStatus {
    /// The workloads
    #[command(flatten)]
    pub targets: Targets,
    /// Go on until the rollout is done (the default), or only tell how it is
    #[arg(short, long, default_value_t = true, action = clap::ArgAction::Set, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub watch: bool,
    /// How long to go on, such as 90s or 5m; 0 is for ever
    #[arg(long, default_value = "0s", value_parser = duration)]
    pub timeout: Duration,
    /// Insist on this revision: one that takes its place is an error
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub revision: i64,
}

/// `wharf rollout history`.
#[derive(Args, Debug)]
pub struct History {
    /// The workloads
    #[command(flatten)]
    pub targets: Targets,
    /// Show the pod template of this revision
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub revision: i64,
}

/// `wharf rollout undo`.
#[derive(Args, Debug)]
pub struct Undo {
    /// The workloads
    #[command(flatten)]
    pub targets: Targets,
    /// The revision to go back to; the one before the newest where it is left out
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub to_revision: i64,
}
