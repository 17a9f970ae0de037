//! The command line: one file a command; data goes to stdout, the rest to stderr.

mod addresses;
mod apply;
mod args;
mod completion;
mod delete;
mod describe;
mod down;
mod env;
mod error;
mod exec;
mod find;
mod get;
mod logs;
mod ready;
mod run;
mod session;
mod status;
mod table;
mod terminal;
mod ui;
mod up;
mod version;
mod words;

pub use args::Cli;
pub use run::run;
