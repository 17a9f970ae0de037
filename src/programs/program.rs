//! The hidden subcommands and the runtime that they share.

use std::io::Write;
use std::process::ExitCode;

use super::pause::Resolver;
use super::publish::Publish;
use super::{dial_stdio, hello, pause, publish, supervise};

/// A program of wharf's image.
#[derive(Debug, clap::Subcommand)]
pub enum Program {
    /// First process of the node container: runs the agent and starts it again when it ends.
    #[command(hide = true)]
    Supervise,
    /// First process of a sandbox: holds its namespaces.
    #[command(hide = true)]
    Pause(Resolver),
    /// Joins standard input and output to the agent's socket.
    #[command(hide = true)]
    DialStdio,
    /// Sends ports on to the addresses of services.
    #[command(hide = true)]
    Publish(Publish),
    /// A page that says which pod answered.
    #[command(hide = true)]
    Hello,
}

impl Program {
    /// Runs the program to its end, on one thread: these processes must stay tiny.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let done = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => {
                let done = runtime.block_on(async {
                    match self {
                        Self::Supervise => supervise::run().await,
                        Self::Pause(resolver) => pause::run(&resolver).await,
                        Self::DialStdio => dial_stdio::run().await,
                        Self::Publish(publish) => publish::run(&publish).await,
                        Self::Hello => hello::run().await,
                    }
                });
                // A read of standard input that is under way has a thread of its own, which nothing can interrupt.
                runtime.shutdown_background();
                done
            }
            Err(error) => Err(error),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "error: {error}");
                ExitCode::FAILURE
            }
        }
    }
}
