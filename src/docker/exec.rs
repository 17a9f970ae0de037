//! Programs run in running containers.

use bollard::Docker;
use bollard::container::LogOutput;
use bollard::exec::{ResizeExecOptions, StartExecOptions, StartExecResults};
use bollard::models::ExecConfig;
use futures_util::StreamExt;

use super::containers::named;
use super::error::{about, is_conflict};
use crate::kubelet::runtime::{Chunk, Error, Exec, ExecSpec};

/// Starts a program.
pub(super) async fn start(client: &Docker, id: &str, spec: &ExecSpec) -> Result<Exec, Error> {
    let config = ExecConfig {
        cmd: Some(spec.command.clone()),
        attach_stdin: Some(spec.stdin),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        tty: Some(spec.tty),
        ..Default::default()
    };
    let refused = |error| {
        // Not a name in use: the container does not run.
        if is_conflict(&error) {
            Error::Refused(format!("{} is not running", named(id)))
        } else {
            about(&named(id), error)
        }
    };
    let exec = client.create_exec(id, config).await.map_err(refused)?.id;
    let options = StartExecOptions { detach: false, tty: spec.tty, output_capacity: None };
    match client.start_exec(&exec, Some(options)).await.map_err(refused)? {
        StartExecResults::Attached { output, input } => {
            let what = named(id);
            let output = output.map(move |chunk| chunk.map(self::chunk).map_err(|e| about(&what, e)));
            Ok(Exec { id: exec, input, output: Box::pin(output) })
        }
        StartExecResults::Detached => Err(Error::Refused(format!("{}: the program has no streams", named(id)))),
    }
}

/// The exit code of a program; `None` while it runs.
pub(super) async fn code(client: &Docker, exec: &str) -> Result<Option<i64>, Error> {
    let told = client.inspect_exec(exec).await.map_err(|e| about("program", e))?;
    Ok(told.exit_code.filter(|_| told.running != Some(true)))
}

/// Sets the size of a program's terminal, in characters.
pub(super) async fn resize(client: &Docker, exec: &str, width: u16, height: u16) -> Result<(), Error> {
    client.resize_exec(exec, ResizeExecOptions { height, width }).await.map_err(|e| about("program", e))
}

/// A piece of output; a terminal has only one stream.
pub(super) fn chunk(output: LogOutput) -> Chunk {
    match output {
        LogOutput::StdErr { message } => Chunk::Err(message),
        LogOutput::StdOut { message } | LogOutput::StdIn { message } | LogOutput::Console { message } => {
            Chunk::Out(message)
        }
    }
}
