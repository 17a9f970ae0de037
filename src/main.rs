//! Parse, run, exit code.

use std::process::ExitCode;

use clap::Parser;
use wharf::programs::Program;

/// Runs genuine Kubernetes manifests on a plain Docker host.
#[derive(Parser)]
#[command(version)]
struct Wharf {
    #[command(subcommand)]
    program: Program,
}

fn main() -> ExitCode {
    Wharf::parse().program.run()
}
