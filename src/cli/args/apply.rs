//! The grammar of the commands that read manifests.

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

/// How far a command only pretends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DryRun {
    /// It does what it says.
    #[default]
    None,
    /// It only shows what it would do; no node is asked.
    Client,
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
    /// Settings of the node, where it is not up yet
    #[command(flatten)]
    pub node: NodeOptions,
}
