//! The grammar of the commands that read manifests: `apply`, `diff`.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{NodeOptions, duration};

/// Where manifests come from.
#[derive(Args, Debug, Default)]
pub struct Files {
    /// A file, a folder, an http(s) address, or `-` for standard input; may be given several times
    #[arg(short, long = "filename", value_name = "FILE")]
    pub filename: Vec<String>,
    /// Read folders with all that is below them
    #[arg(short = 'R', long)]
    pub recursive: bool,
}

/// Which set the objects belong to, and what becomes of those that left it.
#[derive(Args, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "flags of the command line, each on its own")]
pub struct Sets {
    /// Delete what left the files since the last apply of the same set
    ///
    /// Every apply remembers what it applied as one set: by the namespace and the names of the files and folders as they
    /// are given, wherever they lie. Claims, volumes and namespaces are kept unless told otherwise.
    #[arg(long)]
    pub prune: bool,
    /// The name of the set, instead of the one that follows from the names of the files
    #[arg(long = "set", value_name = "NAME")]
    pub name: Option<String>,
    /// Take objects over that belong to another set
    #[arg(long, requires = "prune")]
    pub force_conflicts: bool,
    /// With --prune: claims and volumes too, with their data
    #[arg(long, requires = "prune")]
    pub prune_claims: bool,
    /// With --prune: namespaces too, with all that is in them
    #[arg(long, requires = "prune")]
    pub prune_namespaces: bool,
}

/// How far a command only pretends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DryRun {
    /// It does what it says.
    #[default]
    None,
    /// Nothing is sent.
    Client,
    /// The node checks it and keeps nothing.
    Server,
}

/// `wharf apply`.
#[derive(Args, Debug)]
pub struct Apply {
    /// Where the manifests are
    #[command(flatten)]
    pub files: Files,
    /// Return when everything is ready (the default), or at once
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub wait: bool,
    /// How long to wait for everything to be ready, such as 90s or 5m
    #[arg(long, default_value = "5m", value_parser = duration)]
    pub timeout: Duration,
    /// Only warn of fields that wharf does not honour yet
    #[arg(long)]
    pub allow_unsupported: bool,
    /// Put workloads that do not become ready back to the pod template that they had before
    ///
    /// Deployments, StatefulSets and DaemonSets that were there before and that this apply changed. Objects that it
    /// created and all other changes stay. It still exits 3.
    #[arg(long, conflicts_with = "dry_run")]
    pub rollback: bool,
    /// Only tell what would be done: `client` asks no node to check it, `server` does
    #[arg(long, value_name = "HOW", default_value = "none", num_args = 0..=1, default_missing_value = "client", require_equals = true)]
    pub dry_run: DryRun,
    /// The set
    #[command(flatten)]
    pub sets: Sets,
    /// Settings of the node, where it is not up yet
    #[command(flatten)]
    pub node: NodeOptions,
}

/// `wharf diff`.
#[derive(Args, Debug)]
pub struct Diff {
    /// Where the manifests are
    #[command(flatten)]
    pub files: Files,
    /// Only warn of fields that wharf does not honour yet
    #[arg(long)]
    pub allow_unsupported: bool,
    /// The set
    #[command(flatten)]
    pub sets: Sets,
}
