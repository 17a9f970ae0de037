//! From parsed arguments to the command, and from its end to an exit code.

use std::process::ExitCode;

use super::args::{Cli, Command};
use super::error::{Error, Kind as Sort};
use super::session;
use super::ui::Ui;
use crate::agent;

use super::{
    apply, completion, create, delete, describe, diff, down, env, events, exec, explain, get, kubeconfig, kubectl,
    label, logs, rollout, scale, set, status, top, up, version, wait,
};

/// Runs a command and tells its error.
pub fn run(cli: Cli) -> ExitCode {
    if let Command::Program(program) = cli.command {
        return program.run();
    }
    let mut ui = Ui::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let result = match runtime {
        Ok(runtime) => {
            let result = runtime.block_on(dispatch(&cli, &mut ui));
            // A read of standard input that nobody waits for any more must not hold up the end.
            runtime.shutdown_background();
            result
        }
        Err(error) => Err(Error::user("can't start").because(&error)),
    };
    ui.close();
    let Err(error) = result else { return ExitCode::SUCCESS };
    let text = error.to_string();
    if !text.is_empty() {
        ui.say(&text);
    }
    ExitCode::from(error.code())
}

async fn dispatch(cli: &Cli, ui: &mut Ui) -> Result<(), Error> {
    let (node, namespace) = (cli.node.as_str(), cli.namespace.as_str());
    let client = async || session::open(node).await.map(|s| s.client);
    match &cli.command {
        Command::Apply(args) => apply::run(node, namespace, args, ui).await,
        Command::Delete(args) => delete::run(&client().await?, namespace, args, ui).await,
        Command::Get(args) => get::run(&client().await?, namespace, args, ui).await,
        Command::Describe(args) => describe::run(&client().await?, namespace, args, ui).await,
        Command::Logs(args) => logs::run(&client().await?, namespace, args, ui).await,
        Command::Exec(args) => exec::run(&client().await?, namespace, args, ui).await,
        Command::Diff(args) => diff::run(node, namespace, args, ui).await,
        Command::Rollout(args) => rollout::run(&client().await?, namespace, args, ui).await,
        Command::Scale(args) => scale::run(&client().await?, namespace, args, ui).await,
        Command::Set(args) => set::run(&client().await?, namespace, args, ui).await,
        Command::Wait(args) => wait::run(&client().await?, namespace, args, ui).await,
        Command::Events(args) => events::run(&client().await?, namespace, args, ui).await,
        Command::Label(args) => label::label(&client().await?, namespace, args, ui).await,
        Command::Annotate(args) => label::annotate(&client().await?, namespace, args, ui).await,
        Command::Create(args) => create::run(node, namespace, args, ui).await,
        Command::Env(args) => env::run(node, namespace, args, ui).await,
        Command::Top(args) => top::run(&client().await?, namespace, args, ui).await,
        Command::Up(args) => up::run(node, args, ui).await,
        Command::Status => status::run(node, ui).await,
        Command::Down(args) => down::run(node, args, ui).await,
        Command::Version(args) => version::run(node, args, ui).await,
        Command::Explain(args) => explain::run(args, ui),
        Command::Kubeconfig(args) => kubeconfig::run(node, namespace, args, ui).await,
        Command::Kubectl(args) => kubectl::run(node, namespace, args).await,
        Command::Completion(args) => completion::run(args, ui),
        Command::Agent => agent::main().await.map_err(|e| Error::new(Sort::Bug, "the agent ended").because(e.as_ref())),
        Command::Program(_) => Ok(()),
    }
}
