//! Parse, run, exit code.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    wharf::cli::run(wharf::cli::Cli::parse())
}
