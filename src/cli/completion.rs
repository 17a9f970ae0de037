//! `wharf completion`: a script that completes commands and flags in a shell.

use clap::CommandFactory;

use super::args::{Cli, Completion};
use super::error::Error;
use super::ui::Ui;

/// Runs `wharf completion`.
///
/// # Errors
/// Standard output that can't be written.
pub fn run(completion: &Completion, ui: &Ui) -> Result<(), Error> {
    let mut script = Vec::new();
    clap_complete::generate(completion.shell, &mut Cli::command(), "wharf", &mut script);
    ui.raw(&script).map_err(|e| Error::user("can't write the script").because(&e))
}
